package python

import (
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"benchtop/targets"
	"benchtop/targets/guard"
)

// How long a server may take to stop. uvicorn stops its workers one after the other, each within a quarter of a second.
const (
	stopGrace     = 3 * time.Second
	gracePerChild = 300 * time.Millisecond
)

// argv is the command line, as a person would type it, in the folder of the application.
func argv(interpreter string, s targets.Spec, address string) []string {
	if s.Server == Gunicorn {
		return gunicornArgv(interpreter, s, address)
	}
	args := []string{interpreter, "-m", "uvicorn", appModule}
	if path, ok := targets.UnixPath(address); ok {
		args = append(args, "--uds", path)
	} else {
		host, port := hostPort(address)
		args = append(args, "--host", host, "--port", port)
	}
	args = append(args, "--workers", strconv.Itoa(s.Workers), "--loop", own(&s).Loop, "--http", own(&s).HTTP,
		"--timeout-keep-alive", seconds(s.KeepaliveTimeout), "--backlog", strconv.Itoa(s.Backlog))
	if !s.AccessLog {
		args = append(args, "--no-access-log")
	}
	if s.LimitConcurrency > 0 {
		args = append(args, "--limit-concurrency", strconv.Itoa(s.LimitConcurrency))
	}
	if own(&s).MaxRequests > 0 {
		args = append(args, "--limit-max-requests", strconv.Itoa(own(&s).MaxRequests))
	}
	return args
}

func gunicornArgv(interpreter string, s targets.Spec, address string) []string {
	class := plainWorker(s)
	if class == "" {
		class = workerModule + ".Worker"
	}
	args := []string{
		interpreter, "-m", "gunicorn", appModule, "-w", strconv.Itoa(s.Workers), "-k", class, "-b", address,
		"--keep-alive", seconds(s.KeepaliveTimeout), "--backlog", strconv.Itoa(s.Backlog), "--timeout", seconds(s.Heartbeat),
	}
	if s.AccessLog {
		args = append(args, "--access-logfile", "-")
	}
	if own(&s).Preload != preloadOff {
		args = append(args, "--preload")
	}
	if own(&s).MaxRequests > 0 {
		args = append(args, "--max-requests", strconv.Itoa(own(&s).MaxRequests))
	}
	if own(&s).MaxRequestsJitter > 0 {
		args = append(args, "--max-requests-jitter", strconv.Itoa(own(&s).MaxRequestsJitter))
	}
	return args
}

// plainWorker is uvicorn's own class for gunicorn when it does all that the Spec says, else empty.
func plainWorker(s targets.Spec) string {
	if own(&s).Loop == auto && own(&s).HTTP == auto && s.LimitConcurrency == 0 {
		return "uvicorn.workers.UvicornWorker"
	}
	return ""
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }

// environment is what the servers get besides what they inherit.
func environment(s targets.Spec, folder string) []string {
	env := []string{"BENCHTOP_COUNTS=" + filepath.Join(folder, countsFolder), "BENCHTOP_MARK=" + s.RunHeader()}
	if s.WorkFactor > 1 {
		env = append(env, "BENCHTOP_WORK_FACTOR="+strconv.Itoa(s.WorkFactor))
	}
	if own(&s).Threads != defaultThreads {
		env = append(env, "BENCHTOP_THREADS="+strconv.Itoa(own(&s).Threads))
	}
	if s.Crash {
		env = append(env, "BENCHTOP_CRASH=1")
	}
	return env
}

// command is what the guard starts.
func command(interpreter string, s targets.Spec, address, folder string) guard.Command {
	return guard.Command{
		Name: s.Server, Argv: argv(interpreter, s, address), Env: environment(s, folder), Dir: folder,
		Stop:  syscall.SIGTERM,
		Then:  syscall.SIGINT, // uvicorn waits for requests in flight without limit, and ends at once with this one
		Grace: stopGrace + time.Duration(s.Workers)*gracePerChild,
	}
}
