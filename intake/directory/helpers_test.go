package directory_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mfabot/intake/enforce"
)

func succeeds(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fails checks an error: what it is (nil for nothing in particular), whether a later attempt may succeed, and
// some of its words.
func fails(t *testing.T, err, is error, temporary bool, words string) {
	t.Helper()
	var tells interface{ Temporary() bool }
	switch {
	case err == nil:
		t.Fatalf("no error, want one that says %q", words)
	case !errors.As(err, &tells) || tells.Temporary() != temporary:
		t.Errorf("temporary is not %v: %v", temporary, err)
	case is != nil && !errors.Is(err, is):
		t.Errorf("got %v, want %v", err, is)
	case !strings.Contains(err.Error(), words):
		t.Errorf("got %v, want words like %q", err, words)
	}
}

func equal(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// apply is Apply without the ID.
func apply(d enforce.Directory) func(ctx context.Context, user string) error {
	return func(ctx context.Context, user string) error {
		_, err := d.Apply(ctx, user)
		return err
	}
}
