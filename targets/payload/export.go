package payload

import (
	"runtime"
	"strconv"
	"time"

	"benchtop/targets/endpoint"
)

// Values of the parameter how.
const (
	whole    = "whole"
	byRow    = "rows"
	portions = "portions"
)

// Bounds of an export, in rows. portion is how many are read at a time, as by a cursor of a database,
// and how many are a chunk.
const (
	mostRows = 100_000
	portion  = 1000
)

// perRow is more than a row takes, in bytes.
const perRow = 600

const exportHeader = "id,date,customer,email,street,city,amount,currency,state,note\n"

var orderStates = [...]string{"open", "paid", "sent"}

// exportRow is the endpoint /export, which needs nothing of a payload.
func exportRow() *endpoint.Endpoint {
	return &endpoint.Endpoint{
		Path: "/export", Handle: exported,
		Doc: "orders as CSV, 500 bytes a row: made whole in memory, or sent in chunks of a row or of 1,000",
		Params: []endpoint.Param{
			{Name: "rows", Doc: "how many", Type: endpoint.Int, Min: 1, Max: mostRows, Default: portion, Unit: "rows"},
			{Name: "how", Doc: "how they are sent", Type: endpoint.Word, Words: []string{whole, byRow, portions}},
			{Name: "wait", Doc: "a declared wait for each 1,000 of them, as for a cursor of a database", Type: endpoint.Duration, Max: int64(time.Minute)},
			{Name: "collect", Doc: "after so many rows the handler calls for a collection of garbage; 0: never", Type: endpoint.Int, Max: mostRows, Unit: "rows"},
		},
		Samples: []string{"rows=1000&how=whole", "rows=1000&how=rows", "rows=2500&how=portions", "rows=2000&how=portions&collect=1000"},
	}
}

// export is a request of /export.
type export struct {
	next, rows, collect int64
	wait                time.Duration
}

func exported(x *endpoint.Exchange) {
	e := &export{rows: x.Int("rows"), collect: x.Int("collect"), wait: x.Duration("wait")}
	step, chunk := int64(portion), []byte(nil)
	switch x.Text("how") {
	case whole:
		x.Send(endpoint.CSVText, e.append(x, nil, e.rows))
		return
	case byRow:
		step = 1
	}
	x.Stream(endpoint.CSVText, func(x *endpoint.Exchange) []byte {
		if chunk == nil {
			chunk = make([]byte, 0, step*perRow)
		}
		chunk = e.append(x, chunk[:0], step)
		return chunk
	})
}

// append appends the next n rows, fewer at the end. It has the turn of the handler, which it gives away while it waits.
func (e *export) append(x *endpoint.Exchange, b []byte, n int64) []byte {
	if e.next == 0 {
		b = append(b, exportHeader...)
	}
	for end := min(e.next+n, e.rows); e.next < end; {
		if e.next%portion == 0 {
			x.Worker.Wait(e.wait)
		}
		b = appendOrder(b, e.next)
		e.next++
		if e.collect > 0 && e.next%e.collect == 0 {
			runtime.GC()
		}
	}
	return b
}

// appendOrder appends a row. Its text with a comma stands in quotes (RFC 4180).
func appendOrder(b []byte, i int64) []byte {
	customer := i * 7919 % 100_000
	b = append(strconv.AppendInt(b, i, 10), ",2026-"...)
	b = append(appendTwo(b, i%12+1), '-')
	b = append(appendTwo(b, i%28+1), ",Customer "...)
	b = append(strconv.AppendInt(b, customer, 10), ",customer"...)
	b = append(strconv.AppendInt(b, customer, 10), "@shop.example,"...)
	b = append(strconv.AppendInt(b, i%200+1, 10), " Long Street,City "...)
	b = append(strconv.AppendInt(b, i%97, 10), ',')
	b = append(strconv.AppendInt(b, i%5000, 10), '.')
	b = append(appendTwo(b, i%100), ",EUR,"...)
	b = append(b, orderStates[i%int64(len(orderStates))]...)
	return append(b, `,"Please ring twice, the bell is not loud. If nobody opens, leave the parcel with the neighbour on the second floor, and take the empty box along. We are home from six on. The gate to the yard is open until nine, then it needs the code of the house. Call before you come if the parcel is heavier than ten kilograms, so that somebody can help you on the stairs: the lift is out of order until the end of the month."`+"\n"...)
}

// appendTwo appends a number below 100 in two digits.
func appendTwo(b []byte, n int64) []byte { return append(b, '0'+byte(n/10), '0'+byte(n%10)) }
