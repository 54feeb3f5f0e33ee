package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// answersWithin is how long a bot that is alive may take to say so.
const answersWithin = 5 * time.Second

func newHealth(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "health",
		Short: "Asks the running bot whether it is alive",
		Long: `health asks the bot that runs on this machine whether it is alive: /healthz at listen of
[service]. It is for what watches a container; see mfabot doctor for what is wrong, and
/readyz for whether it does its work.`,
		Example: "  mfabot health",
		Args:    usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := loadBeside(a.configPath)
			if err != nil {
				return err
			}
			if s.Service.Listen == "" {
				return usageError{errors.New("expected listen of [service] in the configuration, where the bot answers")}
			}
			said, err := askHealth(c.Context(), s.Service.Listen)
			if err != nil {
				return fmt.Errorf("the bot does not answer: %w", err)
			}
			fmt.Fprintln(a.stdout, printable(said))
			return nil
		},
	}
}

// askHealth returns what the bot at an address says of itself, which is an error unless it is alive.
func askHealth(ctx context.Context, listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, answersWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return "", err
	}
	resp, err := (&http.Client{Transport: new(http.Transport)}).Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if err != nil {
		return "", err
	}
	said := strings.TrimSpace(string(text))
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: %s", resp.Status, said)
	}
	return said, nil
}
