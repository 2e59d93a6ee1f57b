package peers

import (
	"strconv"
	"time"
)

// Tool is how a peer is driven and read.
type Tool struct {
	Name    string
	Install string   // how to get it; empty: not from a package
	Version []string // arguments that make it print its version; nil: it has none
	// Probe are arguments whose output Args gets to see; nil: none.
	Probe []string
	// Args are the arguments for a load. file is a path in a private folder that the tool may write to, and probed what
	// it printed for Probe.
	Args func(l Load, file, probed string) []string
	// Parse reads what it printed. Whatever it does not understand is an error.
	Parse func(o Output) (Figures, error)
	// Whole is set where it takes whole seconds only. For anything finer it is started with the next whole second and
	// interrupted (SIGINT) at its time: it then stops, and reports on the time that it had. It ends with code Interrupted.
	Whole       bool
	Interrupted int
	// Lacks says which figures it does not give, or how coarse they are.
	Lacks string
}

// Output is what a tool printed and wrote.
type Output struct {
	Stdout []byte
	File   []byte // nil: it wrote none
}

// Figures are what a tool says of a slice.
type Figures struct {
	Requests uint64
	Errors   uint64
	RPS      float64
	P50, P99 *float64 // microseconds; nil: it does not tell
}

// Tools lists the peers that can be driven, in the order in which they are shown.
func Tools() []Tool {
	return []Tool{
		{
			Name: "wrk", Install: "apt-get install wrk", Version: []string{"-v"}, Parse: parseWrk,
			Args: func(l Load, _, _ string) []string {
				return []string{"-t1", "-c" + strconv.Itoa(l.Connections), "-d" + strconv.Itoa(l.whole()) + "s", "--latency", l.URL()}
			},
			Whole: true,
		},
		{
			Name: "h2load", Install: "apt-get install nghttp2-client", Version: []string{"--version"}, Parse: parseH2load,
			Args: func(l Load, _, _ string) []string {
				return []string{"--h1", "-t1", "-c" + strconv.Itoa(l.Connections), "-D" + l.millis(), l.URL()}
			},
			Lacks: "no percentiles",
		},
		{
			Name: "ab", Install: "apt-get install apache2-utils", Version: []string{"-V"}, Parse: parseAb,
			Args: func(l Load, file, _ string) []string {
				// -t sets -n to 50,000, so -n has to follow it. ab reserves memory for every request of -n beforehand, so there is
				// room for more than it can make and not for more than that.
				return []string{
					"-q", "-k", "-r", "-l", "-c", strconv.Itoa(l.Connections), "-t", strconv.Itoa(l.whole()), "-n", strconv.Itoa(abMost * l.whole()),
					"-e", file, l.URL(),
				}
			},
			Whole: true, Interrupted: 1,
			Lacks: "HTTP/1.0",
		},
		{
			Name: "hey", Install: "apt-get install hey", Parse: parseHey,
			Args: func(l Load, _, _ string) []string {
				return []string{"-cpus", "1", "-c", strconv.Itoa(l.Connections), "-z", l.millis(), l.URL()}
			},
			Lacks: "percentiles in steps of 0.1 ms",
		},
		{
			Name: "oha", Install: "cargo install oha", Version: []string{"--version"}, Probe: []string{"--help"}, Parse: parseOha,
			Args: func(l Load, _, probed string) []string {
				args := []string{"--no-tui", "-c", strconv.Itoa(l.Connections), "-z", l.millis()}
				return append(append(args, ohaJSON(probed)...), l.URL())
			},
		},
		{
			Name: "bombardier", Install: "go install github.com/codesenberg/bombardier@latest", Version: []string{"--version"}, Parse: parseBombardier,
			Args: func(l Load, _, _ string) []string {
				return []string{"-c", strconv.Itoa(l.Connections), "-d", l.millis(), "-l", "-p", "r", "-o", "json", l.URL()}
			},
		},
	}
}

// whole is the time of a load rounded up to seconds.
func (l Load) whole() int { return int((l.For + time.Second - 1) / time.Second) }

// millis is the time of a load as most tools take it.
func (l Load) millis() string { return strconv.FormatInt(l.For.Milliseconds(), 10) + "ms" }

// interrupt is how the tool is ended in time.
func (t *Tool) interrupt(l Load) interrupt {
	if !t.Whole || l.For%time.Second == 0 {
		return interrupt{}
	}
	return interrupt{after: l.For, exit: t.Interrupted}
}

// abMost is more requests per second than ab can make on one core.
const abMost = 500_000

// Undriven are peers that people know and that this program does not drive, with the reason.
func Undriven() map[string]string {
	return map[string]string{
		"wrk2":   "it wants a rate, and this comparison has none: every generator goes as fast as it can",
		"vegeta": "its report is a second program, over a file with every single answer",
		"k6":     "it wants a script, and what it measures is mostly the script's interpreter",
	}
}
