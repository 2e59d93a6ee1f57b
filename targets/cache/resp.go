package cache

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
)

// Limits of a command, as Redis has them or smaller.
const (
	longestLine = 64 << 10  // of a command that is not an array, and of a number
	mostArgs    = 64 << 10  // Redis: 1 Mi
	longestArg  = 32 << 20  // Redis: 512 MiB
	longestJob  = 64 << 20  // all arguments of a command together
	bufferSize  = 16 << 10  // of what comes and of what goes, per connection
	mostUnread  = 128 << 10 // of a pipeline's answers before they are sent
)

// errProtocol ends a connection: where the next command begins is not known.
var errProtocol = errors.New("ERR Protocol error: expected a RESP array of bulk strings, or a line")

// conn is a connection of the RESP protocol, version 2 (redis.io, "Redis serialization protocol specification"). Of what comes
// only arrays of bulk strings and lines are commands.
type conn struct {
	in  *bufio.Reader
	net net.Conn
	out []byte
}

func newConn(c net.Conn) *conn { return &conn{in: bufio.NewReaderSize(c, bufferSize), net: c} }

// command reads the next command; it is never empty.
func (c *conn) command() ([]string, error) {
	for {
		line, err := c.line()
		if err != nil {
			return nil, err
		}
		if !strings.HasPrefix(line, "*") {
			if args := strings.Fields(line); len(args) > 0 {
				return args, nil
			}
			continue
		}
		n, err := strconv.Atoi(line[1:])
		if err != nil || n > mostArgs {
			return nil, errProtocol
		}
		if n <= 0 {
			continue
		}
		return c.bulks(n)
	}
}

func (c *conn) bulks(n int) ([]string, error) {
	args := make([]string, 0, min(n, 64))
	for left := longestJob; len(args) < n; {
		line, err := c.line()
		if err != nil {
			return nil, err
		}
		size, err := strconv.Atoi(strings.TrimPrefix(line, "$"))
		if err != nil || !strings.HasPrefix(line, "$") || size < 0 || size > min(longestArg, left) {
			return nil, errProtocol
		}
		left -= size
		arg, err := c.bulk(size)
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
	}
	return args, nil
}

// bulk reads a text of a size. Memory is taken as it comes, not as it is promised.
func (c *conn) bulk(size int) (string, error) {
	var b strings.Builder
	if _, err := io.CopyN(&b, c.in, int64(size)); err != nil {
		return "", err
	}
	if end, err := c.line(); err != nil || end != "" {
		return "", errors.Join(errProtocol, err)
	}
	return b.String(), nil
}

// line reads up to a line feed, and leaves it and a carriage return before it out.
func (c *conn) line() (string, error) {
	line, err := c.in.ReadSlice('\n')
	text := string(line)
	for errors.Is(err, bufio.ErrBufferFull) && len(text) < longestLine {
		line, err = c.in.ReadSlice('\n')
		text += string(line)
	}
	if errors.Is(err, bufio.ErrBufferFull) {
		return "", errProtocol
	}
	return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r"), err
}

// flush sends what was written.
func (c *conn) flush() error {
	_, err := c.net.Write(c.out)
	if c.out = c.out[:0]; cap(c.out) > 4*mostUnread {
		c.out = nil
	}
	return err
}

// more reports whether a further command of a pipeline is there already, at least in part, and there is room for its answer.
func (c *conn) more() bool { return c.in.Buffered() > 0 && len(c.out) < mostUnread }

func (c *conn) add(kind byte, text string) {
	c.out = append(append(append(c.out, kind), text...), '\r', '\n')
}

func (c *conn) status(text string) { c.add('+', text) }
func (c *conn) error(text string)  { c.add('-', text) }
func (c *conn) null()              { c.add('$', "-1") }
func (c *conn) array(n int)        { c.add('*', strconv.Itoa(n)) }
func (c *conn) number(n int64) {
	c.out = append(strconv.AppendInt(append(c.out, ':'), n, 10), '\r', '\n')
}

func (c *conn) text(text string) {
	c.out = append(strconv.AppendInt(append(c.out, '$'), int64(len(text)), 10), '\r', '\n')
	c.out = append(append(c.out, text...), '\r', '\n')
}

func (c *conn) texts(list []string) {
	c.array(len(list))
	for _, text := range list {
		c.text(text)
	}
}

func (c *conn) yes(is bool) {
	n := int64(0)
	if is {
		n = 1
	}
	c.number(n)
}
