package database

import (
	"encoding/binary"
	"errors"
	"net"

	"benchtop/targets/database/dialect"
)

// mostUnsent is how much of a response is collected before it is sent.
const mostUnsent = 32 << 10

// outgoing collects the messages of a response (PostgreSQL's manual, "Message Formats").
type outgoing struct {
	net net.Conn
	buf []byte
}

// begin begins a message; end fills in its length.
func (o *outgoing) begin(kind byte) int {
	o.buf = append(o.buf, kind, 0, 0, 0, 0)
	return len(o.buf) - 4
}

func (o *outgoing) end(at int) { binary.BigEndian.PutUint32(o.buf[at:], uint32(len(o.buf)-at)) }

func (o *outgoing) int16(n int) { o.buf = binary.BigEndian.AppendUint16(o.buf, uint16(n)) }
func (o *outgoing) int32(n int) { o.buf = binary.BigEndian.AppendUint32(o.buf, uint32(n)) }

func (o *outgoing) text(s string) { o.buf = append(append(o.buf, s...), 0) }

// bare is a message of its kind alone.
func (o *outgoing) bare(kind byte) { o.end(o.begin(kind)) }

// Messages without contents.
const (
	parseComplete   = '1'
	bindComplete    = '2'
	closeComplete   = '3'
	noData          = 'n'
	emptyQuery      = 'I'
	portalSuspended = 's'
)

// ready says in which state the session is: I, T or E.
func (o *outgoing) ready(state byte) {
	at := o.begin('Z')
	o.buf = append(o.buf, state)
	o.end(at)
}

func (o *outgoing) complete(tag string) {
	at := o.begin('C')
	o.text(tag)
	o.end(at)
}

func (o *outgoing) authenticated() {
	at := o.begin('R')
	o.int32(0)
	o.end(at)
}

func (o *outgoing) parameter(name, value string) {
	at := o.begin('S')
	o.text(name)
	o.text(value)
	o.end(at)
}

func (o *outgoing) key(pid, secret uint32) {
	at := o.begin('K')
	o.int32(int(pid))
	o.int32(int(secret))
	o.end(at)
}

// fault is an error; one that is fatal ends the session.
func (o *outgoing) fault(err error, fatal bool) {
	var known *dialect.Error
	if !errors.As(err, &known) {
		known = &dialect.Error{Code: internal, Message: err.Error()}
	}
	severity := "ERROR"
	if fatal {
		severity = "FATAL"
	}
	at := o.begin('E')
	for _, field := range []struct {
		kind byte
		text string
	}{{'S', severity}, {'V', severity}, {'C', known.Code}, {'M', known.Message}} {
		o.buf = append(o.buf, field.kind)
		o.text(field.text)
	}
	o.buf = append(o.buf, 0)
	o.end(at)
}

func (o *outgoing) parameters(types []dialect.OID) {
	at := o.begin('t')
	o.int16(len(types))
	for _, oid := range types {
		o.int32(int(oid))
	}
	o.end(at)
}

// columns describes the rows that come. The formats are those of a portal, nil: text.
func (o *outgoing) columns(columns []dialect.Column, formats []int16) {
	if len(columns) == 0 {
		o.bare(noData)
		return
	}
	at := o.begin('T')
	o.int16(len(columns))
	for i, c := range columns {
		t, _ := dialect.Lookup(c.Type)
		if _, array := dialect.Element(c.Type); array {
			t.Size = -1
		}
		o.text(c.Name)
		o.int32(0) // no table is named, nor its column
		o.int16(0)
		o.int32(int(c.Type))
		o.int16(int(t.Size))
		o.int32(-1)
		o.int16(int(format(formats, i)))
	}
	o.end(at)
}

// format is that of a column or a parameter: none is text, one is that of all.
func format(formats []int16, i int) int16 {
	switch {
	case len(formats) == 0:
		return 0
	case len(formats) == 1:
		return formats[0]
	case i < len(formats):
		return formats[i]
	}
	return 0
}

// send sends what was collected.
func (o *outgoing) send() error {
	if len(o.buf) == 0 {
		return nil
	}
	_, err := o.net.Write(o.buf)
	if o.buf = o.buf[:0]; cap(o.buf) > 4*mostUnsent {
		o.buf = nil
	}
	return err
}
