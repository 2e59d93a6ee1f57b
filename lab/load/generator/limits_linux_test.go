package generator

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"benchtop/lab/load"
)

// The generator's own limit is lowered from outside: before the slice it is refused with the number needed, during
// the slice the failures are counted in their class and named.
func TestDescriptorLimit(t *testing.T) {
	t.Parallel()
	for _, name := range Engines() {
		f := answering(t)
		g := startGenerator(t, Config{Engine: name})
		limit := func(n uint64) {
			if err := unix.Prlimit(g.PID(), unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: n, Max: n}, nil); err != nil {
				t.Error(err)
			}
		}
		s := base(f.Addr())
		s.KeepAlive, s.Settle, s.Window = false, 0, 800*time.Millisecond
		first := true
		sum, err := g.Run(context.Background(), s, func(load.Tick) {
			if first {
				limit(5)
			}
			first = false
		})
		if n := sum.Total.Errors[load.ErrDescriptorLimit]; err != nil || n == 0 || n > 200 || !strings.Contains(sum.Reasons[load.ErrDescriptorLimit].Text, "ulimit") {
			t.Errorf("%s: %v, %+v, reasons %v", name, err, sum.Total, sum.Reasons)
		}
		s.ID = 2
		var tooFew *load.DescriptorError
		if _, err := g.Run(context.Background(), s, nil); !errors.As(err, &tooFew) || tooFew.Need != load.Budget(s) || tooFew.Have != 5 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
