package progress

import (
	"testing"
	"time"
)

func TestPoints(t *testing.T) {
	begun := time.Unix(0, 0)
	try := func(after time.Duration, right, shows bool) Try {
		return Try{At: begun.Add(after), Right: right, Shows: shows}
	}
	for _, test := range []struct {
		tries []Try
		want  int
	}{
		{nil, 0},
		{[]Try{try(time.Minute, false, false)}, 0},
		{[]Try{try(time.Minute, true, true)}, 100},
		{[]Try{try(5*time.Minute, true, true)}, 100},
		{[]Try{try(10*time.Minute, true, true)}, 50},
		{[]Try{try(time.Minute, true, false)}, 50},
		{[]Try{try(time.Minute, false, false), try(2*time.Minute, true, true)}, 50},
		{[]Try{try(time.Minute, false, false), try(2*time.Minute, false, false), try(10*time.Minute, true, true)}, 17},
		{[]Try{try(time.Minute, true, true), try(2*time.Minute, false, false)}, 100}, // what follows does not count
	} {
		m := Mystery{Begun: begun, Tries: test.tries}
		if got := m.Points(); got != test.want {
			t.Errorf("%+v: %d points, want %d", test.tries, got, test.want)
		}
	}
}

// A guess without a look before it begins the mystery; a second look does not begin it again.
func TestMysteriesAreKept(t *testing.T) {
	var p Progress
	begun := time.Unix(100, 0)
	p.BeginMystery("7", begun)
	before := p.clone()
	p.BeginMystery("7", begun.Add(time.Hour))
	p.TryMystery("7", begun.Add(time.Hour), Try{Fault: "pool", Right: true})
	p.TryMystery("8", begun.Add(time.Hour), Try{Fault: "leak"})
	if m := p.Mysteries["7"]; !m.Begun.Equal(begun) || len(m.Tries) != 1 || m.Solved() == nil {
		t.Errorf("%+v", m)
	}
	if m := p.Mysteries["8"]; !m.Begun.Equal(begun.Add(time.Hour)) || m.Solved() != nil {
		t.Errorf("%+v", m)
	}
	if len(before.Mysteries) != 1 || len(before.Mysteries["7"].Tries) != 0 {
		t.Errorf("a copy changed: %+v", before.Mysteries)
	}
}
