package http2

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	peer "golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"benchtop/lab/load/http1"
)

// response is a Receiver that keeps what it got.
type response struct {
	http1.Reader
	status int
	body   bytes.Buffer
	ends   int
	err    error
	then   func()
}

func (r *response) Head(h http1.Head) { r.status = h.Status }
func (r *response) Data(p []byte)     { r.body.Write(p) }
func (r *response) Ended(err error) {
	r.ends++
	r.err = err
	if r.then != nil {
		r.then()
	}
}

// server is the other end, by frames that another program makes and reads.
type server struct {
	*peer.Framer
	t    *testing.T
	conn *Conn
	out  bytes.Buffer // to the client
	in   bytes.Buffer // from it
	rest []byte
}

// newServer is one that the client has begun with; settled: it has sent its settings.
func newServer(t *testing.T, settings ...peer.Setting) *server {
	t.Helper()
	s := &server{t: t, conn: New()}
	s.Framer = peer.NewFramer(&s.out, &s.in)
	s.AllowIllegalWrites = true
	s.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	if !bytes.HasPrefix(s.conn.Out, []byte(preface)) {
		t.Fatalf("%q", s.conn.Out)
	}
	s.conn.Out = s.conn.Out[len(preface):]
	_ = s.WriteSettings(settings...)
	s.must(s.feed())
	return s
}

func (s *server) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// feed hands what the server wrote to the client, byte by byte.
func (s *server) feed() error {
	for _, b := range s.out.Bytes() {
		s.rest = append(s.rest, b)
		n, err := s.conn.Feed(s.rest)
		s.rest = s.rest[n:]
		if err != nil {
			return err
		}
	}
	s.out.Reset()
	return nil
}

// got gives the frames that the client sent, a line each.
func (s *server) got() string {
	s.t.Helper()
	s.in.Write(s.conn.Out)
	s.conn.Out = nil
	var lines []string
	for {
		f, err := s.ReadFrame()
		if errors.Is(err, io.EOF) {
			return strings.Join(lines, "\n")
		}
		s.must(err)
		switch f := f.(type) {
		case *peer.MetaHeadersFrame:
			line := fmt.Sprint("HEADERS ", f.StreamID)
			for _, h := range f.Fields {
				line += fmt.Sprintf(" %s=%.20s", h.Name, h.Value)
			}
			lines = append(lines, line+end(f.StreamEnded()))
		case *peer.DataFrame:
			lines = append(lines, fmt.Sprint("DATA ", f.StreamID, " ", len(f.Data()))+end(f.StreamEnded()))
		case *peer.RSTStreamFrame:
			lines = append(lines, fmt.Sprint("RESET ", f.StreamID, " ", f.ErrCode))
		case *peer.WindowUpdateFrame:
			lines = append(lines, fmt.Sprint("WINDOW ", f.StreamID, " ", f.Increment))
		case *peer.SettingsFrame:
			lines = append(lines, fmt.Sprint("SETTINGS ", f.IsAck(), " ", f.NumSettings()))
		case *peer.PingFrame:
			lines = append(lines, fmt.Sprint("PING ", f.IsAck(), " ", string(f.Data[:])))
		default:
			lines = append(lines, fmt.Sprint(f))
		}
	}
}

func end(is bool) string {
	if is {
		return " end"
	}
	return ""
}

func (s *server) expect(want ...string) {
	s.t.Helper()
	if got := s.got(); got != strings.Join(want, "\n") {
		s.t.Errorf("the client sent\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func (s *server) head(stream uint32, last bool, fields ...string) {
	s.t.Helper()
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	encoder.SetMaxDynamicTableSize(0)
	for i := 0; i < len(fields); i += 2 {
		s.must(encoder.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]}))
	}
	s.must(s.WriteHeaders(peer.HeadersFrameParam{StreamID: stream, BlockFragment: block.Bytes(), EndStream: last, EndHeaders: true}))
}

// request sends one; its method is GET without a body.
func (s *server) request(body string) (*Stream, *response) {
	st, r := new(Stream), new(response)
	method := "GET"
	if body != "" {
		method = "POST"
	}
	s.conn.Send(st, &Request{Fields: []hpack.HeaderField{{Name: ":method", Value: method}, {Name: ":path", Value: "/"}}, Body: []byte(body)}, r)
	return st, r
}

func (r *response) is(t *testing.T, status int, body string, err error) {
	t.Helper()
	if r.ends != 1 || r.status != status || r.body.String() != body || !errors.Is(r.err, err) {
		t.Errorf("ended %d times, %d %.20q of %d bytes, %v; want %d %.20q, %v", r.ends, r.status, r.body.String(), r.body.Len(), r.err, status, body, err)
	}
}

const (
	get    = " :method=GET :path=/ end"
	post   = " :method=POST :path=/"
	opened = "SETTINGS false 2\nWINDOW 0 1073676288\nSETTINGS true 0" // how a client begins
)

func TestResponses(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	_, a := s.request("")
	_, b := s.request("")
	_, c := s.request("")
	s.expect(opened, "HEADERS 1"+get, "HEADERS 3"+get, "HEADERS 5"+get)
	s.head(3, false, ":status", "103", "link", "x")
	s.head(3, false, ":status", "200", "content-length", "4")
	s.must(s.WriteDataPadded(3, false, []byte("ab"), make([]byte, 7)))
	s.must(s.WritePing(false, [8]byte{'1', '2', '3', '4', '5', '6', '7', '8'}))
	s.head(1, false, ":status", "204")
	s.must(s.WriteData(3, false, []byte("cd")))
	s.head(3, true, "x-trailer", "t")
	s.must(s.WriteData(1, true, nil))
	s.must(s.WriteRawFrame(0xfa, 0, 0, []byte("of another kind")))
	s.must(s.feed())
	a.is(t, 204, "", nil)
	b.is(t, 200, "abcd", nil)
	s.expect("PING true 12345678")
	if s.conn.Idle() || c.ends > 0 {
		t.Error("a request ended without a response")
	}
	s.head(5, true, ":status", "404")
	s.must(s.feed())
	c.is(t, 404, "", nil)
	if !s.conn.Idle() || s.conn.Unread() != 0 {
		t.Errorf("idle %v, %d bytes unread", s.conn.Idle(), s.conn.Unread())
	}
}

// A response whose head comes in several frames.
func TestContinuation(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	_, r := s.request("")
	s.must(s.WriteHeaders(peer.HeadersFrameParam{StreamID: 1, BlockFragment: []byte{0x88, 0x0f}, EndStream: true, Priority: peer.PriorityParam{Weight: 3}, PadLength: 9}))
	s.must(s.WriteContinuation(1, false, []byte{0x0d, 1}))
	s.must(s.WriteContinuation(1, true, []byte{'0'}))
	s.must(s.feed())
	r.is(t, 200, "", nil)
}

// A request whose head takes several frames.
func TestLongRequest(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.conn.Send(new(Stream), &Request{Fields: []hpack.HeaderField{{Name: ":method", Value: "GET"}, {Name: "x", Value: strings.Repeat("~", 40_000)}}}, new(response))
	s.SetMaxReadFrameSize(mostPayload)
	s.MaxHeaderListSize = 1 << 20
	if got := s.got(); !strings.Contains(got, "HEADERS 1 :method=GET x=") || !strings.HasSuffix(got, " end") {
		t.Errorf("%.200q", got)
	}
}

// The windows of the server bound what is sent of bodies, whatever it does with them.
func TestWindows(t *testing.T) {
	t.Parallel()
	s := newServer(t, peer.Setting{ID: peer.SettingInitialWindowSize, Val: 20_000})
	s.expect(strings.Split(opened, "\n")...)
	body := strings.Repeat("b", 50_000)
	_, a := s.request(body)
	_, b := s.request(body)
	_, c := s.request(body)
	s.expect("HEADERS 1"+post, "DATA 1 16384", "DATA 1 3616", "HEADERS 3"+post, "DATA 3 16384", "DATA 3 3616", "HEADERS 5"+post, "DATA 5 16384", "DATA 5 3616")
	s.must(s.WriteWindowUpdate(1, 1000))
	s.must(s.feed())
	s.expect("DATA 1 1000")
	s.must(s.WriteSettings(peer.Setting{ID: peer.SettingInitialWindowSize, Val: 10_000})) // below what was sent
	s.must(s.WriteWindowUpdate(3, 9000))
	s.must(s.feed())
	s.expect("SETTINGS true 0")
	s.must(s.WriteWindowUpdate(3, 30_000)) // 4,535 bytes are left for all
	s.must(s.feed())
	s.expect("DATA 3 4535")
	s.head(5, false, ":status", "413")
	s.must(s.WriteData(5, true, []byte("too long")))
	s.must(s.WriteWindowUpdate(0, 1<<20))
	s.must(s.feed())
	c.is(t, 413, "too long", nil)
	s.expect("RESET 5 CANCEL", "DATA 3 16384", "DATA 3 8081")
	_, d := s.request(body + strings.Repeat("b", 1<<20))
	s.got()
	s.head(7, false, ":status", "413", "content-length", "9")
	s.must(s.WriteData(7, true, []byte("short")))
	s.must(s.feed())
	d.is(t, 413, "short", ErrShort)
	s.expect("RESET 7 CANCEL")
	s.must(s.WriteWindowUpdate(1, 1<<20))
	s.must(s.WriteWindowUpdate(3, 1<<20))
	s.must(s.feed())
	s.expect("DATA 1 16384", "DATA 1 12616 end", "DATA 3 1000 end")
	s.head(1, true, ":status", "200")
	s.head(3, true, ":status", "200")
	s.must(s.feed())
	a.is(t, 200, "", nil)
	b.is(t, 200, "", nil)
}

// The server is told what was taken of its windows.
func TestWindowsOfTheServer(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	_, r := s.request("")
	s.got()
	s.head(1, false, ":status", "200")
	s.must(s.feed())
	chunk, frames := make([]byte, mostPayload), Window/2/mostPayload+1
	s.must(s.WriteData(1, false, chunk))
	one := bytes.Clone(s.out.Bytes())
	s.out.Reset()
	for range frames {
		if n, err := s.conn.Feed(one); n != len(one) || err != nil {
			t.Fatal(n, err)
		}
		r.body.Reset()
	}
	s.expect(fmt.Sprint("WINDOW 0 ", (Window/2/mostPayload+1)*mostPayload), fmt.Sprint("WINDOW 1 ", (Window/2/mostPayload+1)*mostPayload))
}

// No more requests are in flight than the server lets, and those that wait come in their order.
func TestMostStreams(t *testing.T) {
	t.Parallel()
	s := newServer(t, peer.Setting{ID: peer.SettingMaxConcurrentStreams, Val: 2})
	if most, ok := s.conn.Settled(); most != 2 || !ok {
		t.Error(most, ok)
	}
	_, a := s.request("")
	s.request("")
	third, _ := s.request("")
	_, d := s.request("")
	s.expect(opened, "HEADERS 1"+get, "HEADERS 3"+get)
	again, e := new(Stream), new(response)
	a.then = func() { s.conn.Send(again, third.request, e) }
	s.conn.Cancel(third)
	s.head(1, true, ":status", "200")
	s.must(s.feed())
	s.expect("HEADERS 5" + get) // d: it has waited for longer
	s.conn.Cancel(again)
	s.head(5, true, ":status", "200")
	s.must(s.feed())
	d.is(t, 200, "", nil)
	if e.ends > 0 {
		t.Error("a request that was given up ended")
	}
	s.expect("")
}

// A stream that was given up is reset; what comes for it is nobody's.
func TestCancel(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	st, r := s.request("")
	_, other := s.request("")
	s.got()
	s.conn.Cancel(st)
	s.expect("RESET 1 CANCEL")
	s.head(1, false, ":status", "200")
	s.must(s.WriteData(1, true, []byte("late")))
	s.head(3, true, ":status", "200")
	s.must(s.feed())
	other.is(t, 200, "", nil)
	if r.ends > 0 {
		t.Error("it ended")
	}
}

// What was written for a request that was given up is not read by that; a response shows that all before it was.
func TestUnread(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	body := strings.Repeat("b", 10_000)
	st, _ := s.request(body)
	sent := s.conn.Unread()
	s.conn.Cancel(st)
	if sent < len(body) || s.conn.Unread() < sent {
		t.Errorf("%d bytes unread of %d, %d after it was given up", sent, len(body), s.conn.Unread())
	}
	long, _ := s.request(strings.Repeat("b", 100_000))
	if n := s.conn.Unread(); n < 1<<16 || n > 1<<16+200 {
		t.Errorf("%d bytes unread, where the window lets 64 kB be sent", n)
	}
	s.request("")
	s.head(5, true, ":status", "200")
	s.must(s.feed())
	if n := s.conn.Unread(); n != 0 {
		t.Errorf("%d bytes unread before a request that has its response", n)
	}
	s.must(s.WriteWindowUpdate(0, 1<<20))
	s.must(s.WriteWindowUpdate(long.id, 1<<20))
	s.must(s.feed())
	if n := s.conn.Unread(); n < 30_000 {
		t.Errorf("%d bytes unread, and a window let 40 kB more be sent", n)
	}
	s.must(s.WriteRSTStream(long.id, peer.ErrCodeInternal))
	s.must(s.feed())
	if n := s.conn.Unread(); n != 0 {
		t.Errorf("%d bytes unread of a request that the server ended", n)
	}
}

func TestEnds(t *testing.T) {
	t.Parallel()
	lost := errors.New("lost")
	for name, tt := range map[string]struct {
		does func(s *server)
		want string // how the first request ends; the second one is never answered
		next string // how another one ends; empty: it does not
	}{
		"reset":      {func(s *server) { s.must(s.WriteRSTStream(1, peer.ErrCodeInternal)) }, "RST_STREAM INTERNAL_ERROR", ""},
		"refused":    {func(s *server) { s.must(s.WriteRSTStream(1, peer.ErrCodeRefusedStream)) }, "RST_STREAM REFUSED_STREAM", ""},
		"going away": {func(s *server) { s.must(s.WriteGoAway(0, peer.ErrCodeEnhanceYourCalm, []byte("slow down"))) }, `GOAWAY ENHANCE_YOUR_CALM ("slow down")`, ErrNotSent.Error()},
		"lost":       {func(s *server) { s.conn.Lose(lost) }, "lost", ErrNotSent.Error()},
		"lost after": {func(s *server) { s.must(s.WriteGoAway(9, 0, nil)); s.must(s.feed()); s.conn.Lose(lost) }, "GOAWAY NO_ERROR", ErrNotSent.Error()},
		"short": {func(s *server) {
			s.head(1, false, ":status", "200", "content-length", "9")
			s.must(s.WriteData(1, true, []byte("half")))
		}, ErrShort.Error(), ""},
		"long": {func(s *server) {
			s.head(1, false, ":status", "200", "content-length", "1")
			s.must(s.WriteData(1, true, []byte("half")))
		}, "more than declared", ""},
		"no status":   {func(s *server) { s.head(1, false, "server", "s") }, "a head without a status", ""},
		"odd status":  {func(s *server) { s.head(1, false, ":status", "2000") }, "three digits", ""},
		"odd length":  {func(s *server) { s.head(1, false, ":status", "200", "content-length", "-1") }, "not a number", ""},
		"two lengths": {func(s *server) { s.head(1, false, ":status", "200", "content-length", "1", "content-length", "2") }, "two different numbers", ""},
		"body first":  {func(s *server) { s.must(s.WriteData(1, false, []byte("b"))) }, "a body before its head", ""},
		"two heads": {func(s *server) {
			s.head(1, false, ":status", "200")
			s.head(1, false, "x-trailer", "t")
		}, "trailers that are not the last", ""},
		"interim end": {func(s *server) { s.head(1, true, ":status", "100") }, "an interim response that is the last", ""},
	} {
		s := newServer(t)
		_, r := s.request("")
		_, second := s.request("")
		tt.does(s)
		s.must(s.feed())
		if r.ends != 1 || !strings.Contains(r.err.Error(), tt.want) {
			t.Errorf("%s: %d, %v", name, r.ends, r.err)
		}
		_, next := s.request("")
		if got := fmt.Sprint(next.err); (next.ends > 0) != (tt.next != "") || next.ends > 0 && got != tt.next || s.conn.Usable() == (tt.next != "") || (second.ends > 0) != (tt.next != "") {
			t.Errorf("%s: then %d, %v; the second %d", name, next.ends, next.err, second.ends)
		}
	}
}

func TestViolations(t *testing.T) {
	t.Parallel()
	raw := func(kind peer.FrameType, flags peer.Flags, stream uint32, payload string) func(*server) {
		return func(s *server) { s.must(s.WriteRawFrame(kind, flags, stream, []byte(payload))) }
	}
	for want, does := range map[string]func(*server){
		"PROTOCOL_ERROR: a frame (type 0) of no stream":                   raw(peer.FrameData, 0, 0, "x"),
		"PROTOCOL_ERROR: a frame (type 1) of no stream":                   raw(peer.FrameHeaders, 4, 9, "\x88"),
		"PROTOCOL_ERROR: a push":                                          raw(peer.FramePushPromise, 4, 1, "\x00\x00\x00\x02\x88"),
		"PROTOCOL_ERROR: more padding than payload":                       raw(peer.FrameData, 8, 1, "\x03ab"),
		"FRAME_SIZE_ERROR: a frame of 16385 bytes":                        raw(peer.FrameData, 0, 1, strings.Repeat("x", mostPayload+1)),
		"FRAME_SIZE_ERROR: a priority of 4 bytes":                         raw(peer.FrameHeaders, 0x24, 1, "1234"),
		"COMPRESSION_ERROR: ":                                             raw(peer.FrameHeaders, 4, 1, "\xff\xff\x0f"),
		"PROTOCOL_ERROR: a frame within the head of a response":           func(s *server) { raw(peer.FrameHeaders, 0, 1, "\x88")(s); raw(peer.FramePing, 0, 0, "12345678")(s) },
		"PROTOCOL_ERROR: the rest of a head that has not begun":           raw(peer.FrameContinuation, 4, 1, "\x88"),
		"FRAME_SIZE_ERROR: RST_STREAM of 3 bytes":                         raw(peer.FrameRSTStream, 0, 1, "123"),
		"PROTOCOL_ERROR: a ping of a stream":                              raw(peer.FramePing, 0, 1, "12345678"),
		"FRAME_SIZE_ERROR: a ping of 7 bytes":                             raw(peer.FramePing, 0, 0, "1234567"),
		"PROTOCOL_ERROR: GOAWAY that is none":                             raw(peer.FrameGoAway, 0, 0, "1234567"),
		"FRAME_SIZE_ERROR: WINDOW_UPDATE of 5 bytes":                      raw(peer.FrameWindowUpdate, 0, 0, "12345"),
		"FLOW_CONTROL_ERROR: a window of 65535 bytes after one more of 0": raw(peer.FrameWindowUpdate, 0, 0, "\x00\x00\x00\x00"),
		"FLOW_CONTROL_ERROR: a window of 2147549182":                      raw(peer.FrameWindowUpdate, 0, 0, "\x7f\xff\xff\xff"),
		"PROTOCOL_ERROR: settings of a stream":                            raw(peer.FrameSettings, 0, 1, ""),
		"FRAME_SIZE_ERROR: settings of 7 bytes":                           raw(peer.FrameSettings, 0, 0, "1234567"),
		"FLOW_CONTROL_ERROR: a first window of 2147483648 bytes":          raw(peer.FrameSettings, 0, 0, "\x00\x04\x80\x00\x00\x00"),
		"FLOW_CONTROL_ERROR: a first window of 65536 bytes, by which one has 2147483648": func(s *server) {
			raw(peer.FrameWindowUpdate, 0, 1, "\x7f\xff\x00\x00")(s)
			raw(peer.FrameSettings, 0, 0, "\x00\x04\x00\x01\x00\x00")(s)
		},
		"PROTOCOL_ERROR: frames of at most 16383 bytes": raw(peer.FrameSettings, 0, 0, "\x00\x05\x00\x00\x3f\xff"),
	} {
		s := newServer(t)
		s.request("")
		does(s)
		err := s.feed()
		if v := (*Violation)(nil); !errors.As(err, &v) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
	}
	for _, first := range []string{"HTTP/1.1 400 Bad Request\r\n", "\x15\x03\x01", "\x00\x00\x08\x06\x00\x00\x00\x00\x0012345678", "\x00\x00\x00\x04\x01\x00\x00\x00\x00"} {
		_, err := New().Feed([]byte(first))
		if n := (*NotHTTP2)(nil); !errors.As(err, &n) || string(n.First) != first {
			t.Errorf("%q: %v", first, err)
		}
	}
}

// Nothing that a server can send makes the client fail, and how it comes apart does not matter.
func FuzzFeed(f *testing.F) {
	for _, name := range []string{"", "\x00\x00\x01\x01\x05\x00\x00\x00\x01\x88", "\x00\x00\x01\x01\x04\x00\x00\x00\x01\x88\x00\x00\x02\x00\x01\x00\x00\x00\x01ok"} {
		f.Add([]byte(name), uint8(3))
	}
	f.Fuzz(func(t *testing.T, p []byte, size uint8) {
		p = append([]byte{0, 0, 0, 4, 0, 0, 0, 0, 0}, p...)
		play := func(size int) string {
			c, log := New(), ""
			for range 3 {
				r := new(response)
				r.then = func() { log += fmt.Sprint(r.status, r.body.String(), r.err, "\n") }
				c.Send(new(Stream), &Request{Body: make([]byte, 100_000)}, r)
			}
			rest := []byte(nil)
			for at := 0; at < len(p); at += size {
				rest = append(rest, p[at:min(at+size, len(p))]...)
				n, err := c.Feed(rest)
				if rest = rest[n:]; err != nil {
					return log + err.Error()
				}
			}
			return log + fmt.Sprint(len(c.Out), c.Unread(), len(rest))
		}
		if one, other := play(len(p)), play(int(size)+1); one != other {
			t.Errorf("whole %q, in pieces %q", one, other)
		}
	})
}

// The steady state allocates nothing.
func TestAllocations(t *testing.T) {
	s := newServer(t)
	_, r := s.request("")
	st, q := new(Stream), &Request{Fields: []hpack.HeaderField{{Name: ":method", Value: "GET"}, {Name: ":path", Value: "/some/where"}, {Name: "x", Value: "y"}}}
	s.conn.Send(st, q, r)
	next := uint32(5)
	frames := append(appendHead(nil, 1, frameHeaders, flagEndHeaders, 0), 0x88)
	frames = append(appendHead(frames, 2, frameData, flagEndStream, 0), "ok"...)
	if n := testing.AllocsPerRun(1000, func() {
		r.body.Reset()
		s.conn.Out = s.conn.Out[:0]
		s.conn.Send(st, q, r)
		frames[8], frames[headLength+1+8] = byte(next), byte(next)
		frames[7], frames[headLength+1+7] = byte(next>>8), byte(next>>8)
		next += 2
		if used, err := s.conn.Feed(frames); used != len(frames) || err != nil {
			t.Fatal(used, err)
		}
	}); n > 0 {
		t.Errorf("%v allocations for a request", n)
	}
	if r.ends < 1000 {
		t.Error(r.ends)
	}
}
