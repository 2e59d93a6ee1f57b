package tui

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"benchtop/targets/all"
	"benchtop/tui/fixture"
)

func TestMain(m *testing.M) {
	all.Register() // the servers say which settings they have; nothing is started here
	goleak.VerifyTestMain(m)
}

// ending is a Session whose run ends when it is asked to.
type ending struct {
	*still
	once sync.Once
}

func (e *ending) Stop() { e.once.Do(func() { close(e.Ended) }) }

// lockedBuffer is a terminal that nobody looks at.
type lockedBuffer struct {
	sync.Mutex
	b bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.Lock()
	defer b.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.Lock()
	defer b.Unlock()
	return b.b.String()
}

func TestRunLeavesTheTerminalAsItWas(t *testing.T) {
	in, keys := io.Pipe()
	defer func() { _ = keys.Close() }()
	out := &lockedBuffer{}
	s := &ending{still: newStill(fixture.Live(2, 1))}
	result := make(chan Outcome, 1)
	go func() {
		o, err := Run(context.Background(), Config{In: in, Out: out, Session: s, Theme: "dark", Glyphs: "block"})
		if err != nil {
			t.Error(err)
		}
		result <- o
	}()
	if _, err := keys.Write([]byte("qq")); err != nil {
		t.Fatal(err)
	}
	select {
	case o := <-result:
		if !o.Interrupted || o.State != s.Snapshot {
			t.Errorf("%+v", o)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("qq does not leave")
	}
	for _, want := range []string{"\x1b[?1049h", "\x1b[?1049l", "\x1b[?25h"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q", want)
		}
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	in, keys := io.Pipe()
	defer func() { _ = keys.Close() }()
	ctx, cancel := context.WithCancel(context.Background())
	s := &ending{still: newStill(fixture.Live(2, 1))}
	result := make(chan Outcome, 1)
	go func() {
		o, err := Run(ctx, Config{In: in, Out: &lockedBuffer{}, Session: s, Glyphs: "ascii"})
		if err != nil {
			t.Error(err)
		}
		result <- o
	}()
	cancel()
	select {
	case o := <-result:
		if !o.Interrupted {
			t.Errorf("%+v", o)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the end of the context does not leave")
	}
}

func TestRunRefusesUnknownLooks(t *testing.T) {
	for _, c := range []Config{{Theme: "pink"}, {Glyphs: "emoji"}} {
		c.In, c.Out = strings.NewReader(""), io.Discard
		if _, err := Run(context.Background(), c); err == nil || !strings.Contains(err.Error(), "allowed:") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
