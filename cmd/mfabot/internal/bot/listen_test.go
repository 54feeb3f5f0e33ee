package bot_test

import (
	"net"
	"strings"
	"testing"

	"mfabot/cmd/mfabot/internal/bot"
)

// TestListenTaken: where another program has the port, the error names the key that says which it is.
func TestListenTaken(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	err = bot.CheckListen(t.Context(), l.Addr().String())
	if err == nil || !strings.HasPrefix(err.Error(), "service.listen: ") || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("%v", err)
	}
}
