package proc

import (
	"os"
	"os/signal"
)

// Notify relays signals to a channel, except those that were ignored when the program started and stay so: nohup ignores
// SIGHUP for what it starts, a shell without job control SIGINT for what it starts in the background.
func Notify(c chan<- os.Signal, signals ...os.Signal) {
	for _, s := range signals {
		if !signal.Ignored(s) {
			signal.Notify(c, s)
		}
	}
}
