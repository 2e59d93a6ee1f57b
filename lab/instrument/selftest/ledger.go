package selftest

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"benchtop/lab/instrument/faults"
	"benchtop/lab/load"
	"benchtop/lab/load/generator"
)

// errorLedger provokes every class of error with servers that count what they do, and compares the counts exactly.
func errorLedger(ctx context.Context, b *bench) error {
	g, err := generator.Start(ctx, generator.Config{})
	if err != nil {
		return err
	}
	r := &rig{generator: g}
	defer func() {
		stop, cancel := context.WithTimeout(context.Background(), dismantleGrace)
		defer cancel()
		_ = g.Stop(stop)
	}()
	var wrong []string
	classes := map[string]bool{}
	var counted uint64
	models := 0
	for _, model := range []load.Model{load.Closed, load.Open} {
		for _, f := range faults.All() {
			if model == load.Open && !f.Open {
				continue
			}
			n, problem, err := r.provoke(ctx, f, model)
			if err != nil {
				return fmt.Errorf("%s, %s model: %w", f.Name, model, err)
			}
			models++
			counted += n
			if f.Class != "" {
				classes[f.Class] = true
			}
			if problem != "" {
				wrong = append(wrong, fmt.Sprintf("%s (%s): %s", f.Name, model, problem))
			}
		}
	}
	n, problem, err := r.refused(ctx)
	if err != nil {
		return err
	}
	counted += n
	models++
	classes[load.ErrRefused] = true
	if problem != "" {
		wrong = append(wrong, "refused: "+problem)
	}
	names := []string{}
	for c := range classes {
		names = append(names, c)
	}
	slices.Sort(names)
	row := Row{
		Name: "errors against the server's own ledger", Figure: fmt.Sprintf("%d of %d equal", models-len(wrong), models), Bar: "all equal, exactly",
		State: Met, Note: fmt.Sprintf("%d errors of %d classes: %s; every refused connect is an attempt, that has no server to count it", counted, len(names), strings.Join(names, " ")),
		Values: map[string]float64{"compared": float64(models), "different": float64(len(wrong)), "errors": float64(counted)},
	}
	if len(wrong) > 0 {
		row.State, row.Note = Missed, strings.Join(wrong, "; ")
	}
	b.row(row)
	return nil
}

// settleLedger bounds the wait for the server's connections to end after the slice.
const settleLedger = 10 * time.Second

// provoke drives one slice at a fault server and gives the count of the class, and what differs from the ledger.
func (r *rig) provoke(ctx context.Context, f faults.Fault, model load.Model) (uint64, string, error) {
	server, err := faults.Serve(f.Script)
	if err != nil {
		return 0, "", err
	}
	defer server.Close()
	sum, err := r.generator.Run(ctx, r.faultSlice(server.Addr(), f, model), nil)
	if err != nil {
		return 0, "", err
	}
	settled, cancel := context.WithTimeout(ctx, settleLedger)
	defer cancel()
	if err := server.Settle(settled, sum.Total.Connects); err != nil {
		return 0, "", err
	}
	return sum.Total.Errors[f.Class], compare(f.Class, &sum.Total, server.Requests.Load(), server.Faults.Load()), nil
}

func (r *rig) faultSlice(addr string, f faults.Fault, model load.Model) load.Task {
	r.slices++
	s := load.Task{
		ID: r.slices, Addr: addr, Request: load.Request{Path: "/", Host: addr}, Model: model, Connections: 4, KeepAlive: true,
		Timeout: 10 * time.Second, Settle: 10 * time.Millisecond, Window: 50 * time.Millisecond, ExpectStatus: f.Expect,
	}
	if model == load.Open {
		s.Rate = 200
	}
	if f.Class == load.ErrReadTimeout {
		s.Connections, s.Timeout, s.Window = 16, 300*time.Millisecond, 300*time.Millisecond
	}
	return s
}

// compare tells what differs between the generator's counts of a whole slice and the server's.
func compare(class string, total *load.Counts, requests, provoked uint64) string {
	others := 0
	for name := range total.Errors {
		if name != class {
			others++
		}
	}
	got := total.Errors[class]
	switch {
	case total.Sent == 0:
		return "no request was sent"
	case others > 0:
		return fmt.Sprintf("other classes were counted: %v", total.Errors)
	case total.Requests != total.OK+got:
		return fmt.Sprintf("%d requests are %d good and %d errors", total.Requests, total.OK, got)
	case class == "" && total.OK != requests:
		return fmt.Sprintf("the server answered %d, the generator counted %d", requests, total.OK)
	case class == "":
		return ""
	case got != provoked:
		return fmt.Sprintf("the server provoked %d, the generator counted %d", provoked, got)
	case class == load.ErrIdleClosed && total.OK+got != requests:
		return fmt.Sprintf("the server read %d requests, the generator sent %d", requests, total.OK+got)
	case class != load.ErrIdleClosed && total.OK != 0:
		return fmt.Sprintf("%d bad answers were counted as good", total.OK)
	}
	return ""
}

// refused drives a port at which nobody listens.
func (r *rig) refused(ctx context.Context) (uint64, string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, "", err
	}
	addr := ln.Addr().String()
	_ = ln.Close()
	sum, err := r.generator.Run(ctx, r.faultSlice(addr, faults.Fault{}, load.Closed), nil)
	if err != nil {
		return 0, "", err
	}
	n := sum.Total.Errors[load.ErrRefused]
	if n == 0 || n != sum.Total.Sent || n != sum.Total.Requests || sum.Total.Connects != 0 {
		return n, fmt.Sprintf("%d of %d attempts, %d connects, %v", n, sum.Total.Sent, sum.Total.Connects, sum.Total.Errors), nil
	}
	return n, "", nil
}
