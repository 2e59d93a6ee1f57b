package main

import (
	"fmt"

	"benchtop/targets/proc"
)

// sweep ends what earlier runs left behind, before this one starts anything. What it cannot do is only told: this run
// has a folder and ports of its own.
func sweep(env *Env) {
	ended, err := proc.Sweep()
	if ended > 0 {
		fmt.Fprintf(env.Stderr, "benchtop: ended %d processes that an earlier run had left behind\n", ended)
	}
	if err != nil {
		fmt.Fprintf(env.Stderr, "benchtop: %v\n", err)
	}
}

// leave removes the run folder, if there is one.
func leave(env *Env) {
	if err := proc.RemoveRunFolder(); err != nil {
		fmt.Fprintf(env.Stderr, "benchtop: %v\n", err)
	}
}
