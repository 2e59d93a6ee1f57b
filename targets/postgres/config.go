package postgres

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"benchtop/targets/guard"
	"benchtop/targets/runfolder"
)

// Names in the folder of a PostgreSQL.
const (
	dataFolder = "data"
	socketName = ".s.PGSQL.5432" // as clients make it of the port
)

// Users and databases: the administrator, who asks for the counts, and the client.
const (
	admin         = "postgres"
	adminDatabase = "postgres"
)

// place is the folder of a PostgreSQL, as we and as the server name it. Run folders are closed to other users; one that
// runs as such has the folder open and names it so.
type place struct {
	folder string
	inside string
	reach  string         // what the guard opens for it; empty: the way is open
	as     *guard.Account // nil: the user that we are
}

// newPlace makes the folder.
func newPlace(as *guard.Account) (place, error) {
	run, err := runfolder.Path()
	if err != nil {
		return place{}, err
	}
	folder, err := os.MkdirTemp(run, "p") // a short name: the path of the socket has at most 99 bytes so
	if err != nil {
		return place{}, fmt.Errorf("making a folder for PostgreSQL: %w", err)
	}
	at := place{folder: folder, inside: folder, as: as}
	if as == nil {
		return at, nil
	}
	if runtime.GOOS != "linux" {
		_ = os.Remove(folder)
		return place{}, fmt.Errorf("PostgreSQL refuses to run as root; run benchtop as another user") //nolint:revive // its name
	}
	if err := os.Chown(folder, int(as.UID), int(as.GID)); err != nil {
		_ = os.Remove(folder)
		return place{}, fmt.Errorf("giving the folder of PostgreSQL to its user: %w", err)
	}
	at.reach, at.inside = folder, "/proc/self/fd/"+strconv.Itoa(guard.ReachFD)
	return at, nil
}

func (at place) socket() string { return filepath.Join(at.folder, socketName) }

// command runs one of the programs.
func (at place) command(p *program, name string, args ...string) guard.Command {
	return guard.Command{Name: name, Argv: append([]string{filepath.Join(p.bin, name)}, args...), Dir: "/", As: at.as, Reach: at.reach}
}

// initdb makes the cluster. Nobody needs a password: nobody else reaches the socket.
func (at place) initdb(p *program) guard.Command {
	return at.command(p, "initdb", "-D", filepath.Join(at.inside, dataFolder), "-U", admin, "-A", "trust", "--no-locale", "-E", "UTF8", "--no-sync")
}

// server serves it. Asked with SIGINT it ends although clients are connected, with SIGQUIT at once.
func (at place) server(p *program) guard.Command {
	return at.command(p, server, "-D", filepath.Join(at.inside, dataFolder))
}

// configure writes the configuration over that of initdb, whose owner it keeps.
func (at place) configure(p *program, s *Settings) error {
	err := os.WriteFile(filepath.Join(at.folder, dataFolder, "postgresql.conf"), []byte(configuration(p, s, at.inside)), 0o600)
	if err != nil {
		return fmt.Errorf("writing the configuration: %w", err)
	}
	return nil
}

// configuration is what differs from PostgreSQL's own defaults. Two connections above the slots are for administrators
// alone, of whom we are the one: PostgreSQL keeps the reserved one free besides ours. Nothing is left in /dev/shm by one that was killed.
func configuration(p *program, s *Settings, sockets string) string {
	onOff := map[bool]string{true: "on", false: "off"}
	lines := []string{
		"listen_addresses = ''",
		"unix_socket_directories = '" + strings.ReplaceAll(sockets, "'", "''") + "'",
		fmt.Sprintf("max_connections = %d", s.Slots+2),
		"superuser_reserved_connections = 1",
		"fsync = off",
		"jit = " + onOff[s.JIT == nil || *s.JIT],
		"dynamic_shared_memory_type = mmap",
		"log_line_prefix = '%e '",
		"lc_messages = 'C'",
	}
	if p.statements {
		lines = append(lines, "shared_preload_libraries = 'pg_stat_statements'", "pg_stat_statements.save = off")
	}
	return strings.Join(lines, "\n") + "\n"
}

// Limits of a start and an end.
const (
	startPatience = 2 * time.Minute // a million rows take some time
	stopGrace     = 5 * time.Second
	askEvery      = 10 * time.Millisecond // until it accepts connections
)
