package redis

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"benchtop/targets"
	"benchtop/targets/component"
	"benchtop/targets/proc"
	"benchtop/targets/shop/fill"
)

// Limits of a question to a running Redis.
const (
	askTimeout = 2 * time.Second
	maxReply   = 1 << 20 // bytes
)

// reader asks a Redis on a connection of its own, and takes its own questions out of the counts.
type reader struct {
	path string // of the socket
	turn component.Turn

	// What is below belongs to who has the turn.
	conn   net.Conn
	in     *bufio.Reader
	opened uint64 // connections
	sent   uint64 // commands
}

func newReader(path string) *reader { return &reader{path: path, turn: component.NewTurn()} }

// ping asks whether it responds.
func (r *reader) ping(ctx context.Context) error {
	return r.turn.Do(ctx, func() error {
		reply, err := r.ask(ctx, "PING")
		if err == nil && reply != "PONG" {
			err = fmt.Errorf("the reply to PING is %.60q", reply)
		}
		return err
	})
}

// status asks for the counts.
func (r *reader) status(ctx context.Context) (st targets.WorkerStatus, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, askTimeout, fmt.Errorf("no response within %v", askTimeout))
	defer cancel()
	err = r.turn.Do(ctx, func() error {
		before := r.sent
		text, err := r.ask(ctx, "INFO")
		if err == nil {
			st, err = statusOf(text, r.opened, before)
		}
		return err
	})
	if err != nil {
		return st, fmt.Errorf("asking Redis for its counts: %w", err)
	}
	return st, nil
}

// portion is how many entries a command puts: a line of a command has 64 KiB at most.
const portion = 400

// fill puts the entries that the cache begins with.
func (r *reader) fill(ctx context.Context, n int) error {
	return r.turn.Do(ctx, func() error {
		for first := 1; first <= n; first += portion {
			set, tag := []string{"MSET"}, []string{"SADD", fill.Tag()}
			for _, key := range fill.Keys(first, min(n, first+portion-1)) {
				set, tag = append(set, key, fill.Value()), append(tag, key)
			}
			for _, command := range [][]string{set, tag} {
				if _, err := r.ask(ctx, strings.Join(command, " ")); err != nil {
					return fmt.Errorf("putting %s of %d entries, which have to fit into the memory: %w", fill.Key(first), n, err)
				}
			}
		}
		return nil
	})
}

// ask sends a command, as a line, and gives the text or the number of its reply; the turn is held.
func (r *reader) ask(ctx context.Context, command string) (text string, err error) {
	if r.conn == nil {
		conn, err := (&net.Dialer{}).DialContext(ctx, "unix", r.path)
		if err != nil {
			return "", err
		}
		r.opened++
		r.conn, r.in = conn, bufio.NewReader(conn)
	}
	err = component.Within(ctx, r.conn, func() error {
		r.sent++
		if _, err := io.WriteString(r.conn, command+"\r\n"); err != nil {
			return err
		}
		text, err = readText(r.in)
		return err
	})
	if err != nil {
		r.close()
	}
	return text, err
}

// close ends the connection; the next question opens another one.
func (r *reader) close() {
	if r.conn != nil {
		_ = r.conn.Close()
		r.conn = nil
	}
}

// end closes the connection when nobody uses it.
func (r *reader) end() {
	_ = r.turn.Do(context.Background(), func() error { r.close(); return nil }) // it cannot fail
}

// readText reads a status, a number or a text of RESP.
func readText(in *bufio.Reader) (string, error) {
	head, err := in.ReadString('\n')
	if err != nil {
		return "", err
	}
	head = strings.TrimRight(head, "\r\n")
	switch {
	case strings.HasPrefix(head, "+"), strings.HasPrefix(head, ":"):
		return head[1:], nil
	case strings.HasPrefix(head, "-"):
		return "", errors.New(head[1:])
	}
	n, err := strconv.Atoi(strings.TrimPrefix(head, "$"))
	if err != nil || n < 0 || n > maxReply {
		return "", fmt.Errorf("the reply %.60q is not understood", head)
	}
	text := make([]byte, n+len("\r\n"))
	_, err = io.ReadFull(in, text)
	return string(text[:n]), err
}

// statusOf reads the reply to INFO, less the connections and commands of the one who asks. Names are those of the
// built-in cache. Bytes are those beyond what Redis took when it was empty.
func statusOf(info string, connections, commands uint64) (targets.WorkerStatus, error) {
	fields := map[string]string{}
	for line := range strings.Lines(info) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			fields[key] = value
		}
	}
	var missing []string
	count := func(key string) uint64 {
		n, err := strconv.ParseUint(fields[key], 10, 64)
		if err != nil {
			missing = append(missing, key)
		}
		return n
	}
	_, refused, _ := strings.Cut(fields["errorstat_OOM"], "count=") // absent before the first one
	refusals, _ := strconv.ParseUint(refused, 10, 64)
	st := targets.WorkerStatus{
		At: proc.Now(), Role: Name, Served: less(count("total_commands_processed"), commands),
		Accepted: less(count("total_connections_received"), connections), Open: int64(less(count("connected_clients"), 1)),
		Counters: map[string]uint64{
			"hits": count("keyspace_hits"), "misses": count("keyspace_misses"), "expired": count("expired_keys"), "refused": refusals,
		},
		Levels: map[string]int64{
			"entries": entries(fields), "bytes": int64(less(count("used_memory"), count("used_memory_startup"))),
		},
	}
	if len(missing) > 0 {
		return st, fmt.Errorf("INFO has no number for %s", strings.Join(missing, ", "))
	}
	return st, nil
}

// entries is how many keys all databases have: db0:keys=1,expires=0,avg_ttl=0.
func entries(fields map[string]string) int64 {
	var all int64
	for key, value := range fields {
		if _, err := strconv.Atoi(strings.TrimPrefix(key, "db")); err != nil || !strings.HasPrefix(value, "keys=") {
			continue
		}
		number, _, _ := strings.Cut(strings.TrimPrefix(value, "keys="), ",")
		if n, err := strconv.ParseInt(number, 10, 64); err == nil {
			all += n
		}
	}
	return all
}

// less subtracts counts that were not taken at the same moment.
func less(a, b uint64) uint64 { return a - min(a, b) }
