package cache

import (
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"benchtop/targets/printable"
)

// command is one that the service knows. args are without its name.
type command struct {
	least, most int // of its arguments; most below 0: any number
	run         func(s *store, out *conn, args []string)
}

// commands are a part of those of Redis: what a client library needs to connect, and what an application needs of a cache.
var commands map[string]command

func init() { //nolint:gochecknoinits // COMMAND lists the table that it is in
	commands = map[string]command{
		"PING":     {0, 1, ping},
		"ECHO":     {1, 1, func(_ *store, out *conn, a []string) { out.text(a[0]) }},
		"SELECT":   {1, 1, selectDB},
		"CLIENT":   {1, -1, func(_ *store, out *conn, _ []string) { out.status("OK") }},
		"COMMAND":  {0, -1, func(_ *store, out *conn, _ []string) { out.array(0) }},
		"INFO":     {0, -1, info},
		"DBSIZE":   {0, 0, func(s *store, out *conn, _ []string) { out.number(int64(len(s.entries))) }},
		"FLUSHALL": {0, 1, flush},
		"FLUSHDB":  {0, 1, flush},
		"GET":      {1, 1, get},
		"SET":      {2, -1, set},
		"SETEX":    {3, 3, func(s *store, out *conn, a []string) { set(s, out, []string{a[0], a[2], "EX", a[1]}) }},
		"PSETEX":   {3, 3, func(s *store, out *conn, a []string) { set(s, out, []string{a[0], a[2], "PX", a[1]}) }},
		"SETNX":    {2, 2, setAbsent},
		"MGET":     {1, -1, getMany},
		"MSET":     {2, -1, setMany},
		"DEL":      {1, -1, remove},
		"UNLINK":   {1, -1, remove},
		"EXISTS":   {1, -1, exists},
		"TYPE":     {1, 1, typeOf},
		"EXPIRE":   {2, 2, func(s *store, out *conn, a []string) { expire(s, out, a, time.Second) }},
		"PEXPIRE":  {2, 2, func(s *store, out *conn, a []string) { expire(s, out, a, time.Millisecond) }},
		"PERSIST":  {1, 1, persist},
		"TTL":      {1, 1, func(s *store, out *conn, a []string) { left(s, out, a, time.Second) }},
		"PTTL":     {1, 1, func(s *store, out *conn, a []string) { left(s, out, a, time.Millisecond) }},
		"INCR":     {1, 1, func(s *store, out *conn, a []string) { add(s, out, a[0], "1", 1) }},
		"DECR":     {1, 1, func(s *store, out *conn, a []string) { add(s, out, a[0], "1", -1) }},
		"INCRBY":   {2, 2, func(s *store, out *conn, a []string) { add(s, out, a[0], a[1], 1) }},
		"DECRBY":   {2, 2, func(s *store, out *conn, a []string) { add(s, out, a[0], a[1], -1) }},
		"KEYS":     {1, 1, func(s *store, out *conn, a []string) { out.texts(s.matching(a[0])) }},
		"SCAN":     {1, -1, scan},
		"SADD":     {2, -1, func(s *store, out *conn, a []string) { alter(out, a, s.addMembers) }},
		"SREM":     {2, -1, func(s *store, out *conn, a []string) { alter(out, a, s.removeMembers) }},
		"SMEMBERS": {1, 1, members},
		"SCARD":    {1, 1, card},
	}
}

// do carries a command out; it has the executor.
func (s *store) do(out *conn, args []string) {
	s.counts.Commands++
	name := strings.ToUpper(args[0])
	args = args[1:]
	known, ok := commands[name]
	switch {
	case !ok:
		out.error(fmt.Sprintf("ERR unknown command '%.64s': this cache knows %s", printable.Line(name), strings.Join(names(), " ")))
	case len(args) < known.least || known.most >= 0 && len(args) > known.most:
		out.error(fmt.Sprintf("ERR wrong number of arguments for '%s' command", strings.ToLower(name)))
	default:
		known.run(s, out, args)
	}
}

func names() []string {
	var out []string
	for name := range commands {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func ping(_ *store, out *conn, args []string) {
	if len(args) == 1 {
		out.text(args[0])
		return
	}
	out.status("PONG")
}

func selectDB(_ *store, out *conn, args []string) {
	if args[0] != "0" {
		out.error("ERR DB index is out of range: this cache has database 0 alone")
		return
	}
	out.status("OK")
}

func flush(s *store, out *conn, _ []string) {
	clear(s.entries)
	clear(s.mortal)
	s.list = nil
	s.size = 0
	out.status("OK")
}

func get(s *store, out *conn, args []string) { value(out, s.read(args[0]), true) }

// value writes the text of an entry. strict: another type is an error, not nothing.
func value(out *conn, e *entry, strict bool) {
	switch {
	case e != nil && e.set == nil:
		out.text(e.text)
	case e != nil && strict:
		out.error(errType.Error())
	default:
		out.null()
	}
}

// set is SET key value [NX | XX] [EX seconds | PX milliseconds | KEEPTTL].
func set(s *store, out *conn, args []string) {
	key, until := args[0], int64(0)
	was := s.get(key)
	for i := 2; i < len(args); i++ {
		switch option := strings.ToUpper(args[i]); {
		case option == "NX" && was != nil, option == "XX" && was == nil:
			out.null()
			return
		case option == "NX", option == "XX":
		case option == "KEEPTTL":
			if was != nil {
				until = was.until
			}
		case (option == "EX" || option == "PX") && i+1 < len(args):
			unit := time.Second
			if option == "PX" {
				unit = time.Millisecond
			}
			i++
			ok := false
			if until, ok = s.after(args[i], unit); !ok || until <= s.now().UnixNano() {
				out.error("ERR invalid expire time in 'set' command")
				return
			}
		default:
			out.error("ERR syntax error")
			return
		}
	}
	if err := s.put(key, &entry{text: args[1]}, until); err != nil {
		out.error(err.Error())
		return
	}
	out.status("OK")
}

// after is the time so many units from now.
func (s *store) after(text string, unit time.Duration) (until int64, ok bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n > int64(100*365*24*time.Hour/unit) || n < -int64(time.Hour/unit) {
		return 0, false
	}
	return s.now().Add(time.Duration(n) * unit).UnixNano(), true
}

func setAbsent(s *store, out *conn, args []string) {
	if s.get(args[0]) != nil {
		out.number(0)
		return
	}
	if err := s.put(args[0], &entry{text: args[1]}, 0); err != nil {
		out.error(err.Error())
		return
	}
	out.number(1)
}

func getMany(s *store, out *conn, args []string) {
	out.array(len(args))
	for _, key := range args {
		value(out, s.read(key), false)
	}
}

func setMany(s *store, out *conn, args []string) {
	if len(args)%2 != 0 {
		out.error("ERR wrong number of arguments for 'mset' command")
		return
	}
	for i := 0; i < len(args); i += 2 {
		if err := s.put(args[i], &entry{text: args[i+1]}, 0); err != nil {
			out.error(err.Error())
			return
		}
	}
	out.status("OK")
}

func remove(s *store, out *conn, args []string) {
	n := 0
	for _, key := range args {
		if s.get(key) != nil && s.remove(key) {
			n++
		}
	}
	out.number(int64(n))
}

func exists(s *store, out *conn, args []string) {
	n := 0
	for _, key := range args {
		if s.get(key) != nil {
			n++
		}
	}
	out.number(int64(n))
}

func typeOf(s *store, out *conn, args []string) {
	switch e := s.get(args[0]); {
	case e == nil:
		out.status("none")
	case e.set != nil:
		out.status("set")
	default:
		out.status("string")
	}
}

func expire(s *store, out *conn, args []string, unit time.Duration) {
	until, ok := s.after(args[1], unit)
	e := s.get(args[0])
	switch {
	case !ok:
		out.error("ERR invalid expire time in 'expire' command")
		return
	case e != nil && until <= s.now().UnixNano():
		s.remove(args[0])
	case e != nil:
		s.expire(args[0], e, until)
	}
	out.yes(e != nil)
}

func persist(s *store, out *conn, args []string) {
	e := s.get(args[0])
	mortal := e != nil && e.until != 0
	if mortal {
		s.expire(args[0], e, 0)
	}
	out.yes(mortal)
}

// left is how long an entry has, in units, rounded up; -2: there is none, -1: for ever.
func left(s *store, out *conn, args []string, unit time.Duration) {
	switch e := s.get(args[0]); {
	case e == nil:
		out.number(-2)
	case e.until == 0:
		out.number(-1)
	default:
		out.number((e.until - s.now().UnixNano() + int64(unit) - 1) / int64(unit))
	}
}

func add(s *store, out *conn, key, by string, sign int64) {
	n, err := strconv.ParseInt(by, 10, 64)
	if err != nil {
		out.error(errInteger.Error())
		return
	}
	if n, err = s.add(key, sign*n); err != nil {
		out.error(err.Error())
		return
	}
	out.number(n)
}

// scan is SCAN cursor [MATCH pattern] [COUNT n].
func scan(s *store, out *conn, args []string) {
	cursor, err := strconv.ParseUint(args[0], 10, 64)
	if err != nil || len(args)%2 == 0 {
		out.error("ERR invalid cursor or syntax error")
		return
	}
	pattern, n := "*", 10
	for i := 1; i < len(args); i += 2 {
		switch strings.ToUpper(args[i]) {
		case "MATCH":
			pattern = args[i+1]
		case "COUNT":
			if n, err = strconv.Atoi(args[i+1]); err != nil || n < 1 {
				out.error(errInteger.Error())
				return
			}
		default:
			out.error("ERR syntax error")
			return
		}
	}
	next, keys := s.scan(cursor, pattern, n)
	out.array(2)
	out.text(strconv.FormatUint(next, 10))
	out.texts(keys)
}

func alter(out *conn, args []string, change func(key string, members []string) (int, error)) {
	n, err := change(args[0], args[1:])
	if err != nil {
		out.error(err.Error())
		return
	}
	out.number(int64(n))
}

func members(s *store, out *conn, args []string) {
	set, err := s.members(args[0])
	if err != nil {
		out.error(err.Error())
		return
	}
	list := make([]string, 0, len(set))
	for member := range set {
		list = append(list, member)
	}
	out.texts(list)
}

func card(s *store, out *conn, args []string) {
	set, err := s.members(args[0])
	if err != nil {
		out.error(err.Error())
		return
	}
	out.number(int64(len(set)))
}

// info has the lines of INFO that the lab and its readers look at, with their names.
func info(s *store, out *conn, _ []string) {
	c := &s.counts
	out.text(fmt.Sprintf("# Server\r\nredis_version:benchtop (RESP, one executor)\r\nos:%s %s\r\n# Memory\r\nused_memory:%d\r\nmaxmemory:%d\r\n"+
		"# Stats\r\ntotal_commands_processed:%d\r\nkeyspace_hits:%d\r\nkeyspace_misses:%d\r\nexpired_keys:%d\r\n# Keyspace\r\ndb0:keys=%d,expires=%d,avg_ttl=0\r\n",
		runtime.GOOS, runtime.GOARCH, s.size, s.most, c.Commands, c.Hits, c.Misses, c.Expired, len(s.entries), len(s.mortal)))
}
