package guard

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"benchtop/targets/posix"
	"benchtop/targets/proc"
	"benchtop/targets/runfolder"
)

// modeEnv makes the test binary a component: what the guard is there for, without the lab in it.
const modeEnv = "BENCHTOP_TEST_COMPONENT"

func component(mode string) {
	switch mode {
	case "polite":
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM)
		fmt.Println("ready")
		<-stop
		fmt.Fprintln(os.Stderr, "bye")
	case "stubborn":
		stubborn("ready")
	case "interruptible":
		signal.Ignore(syscall.SIGTERM)
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGINT)
		fmt.Println("ready")
		<-stop
		fmt.Println("interrupted")
	case "fail":
		fmt.Fprintln(os.Stderr, "no such module")
		fmt.Fprintln(os.Stderr, "giving up")
		os.Exit(3)
	case "talk":
		n, _ := strconv.Atoi(os.Getenv("LINES"))
		for i := range n {
			fmt.Println("line", i)
		}
		fmt.Println(strings.Repeat("x", 3*maxText))
		fmt.Print("\x1b[2J\x00 no end of line")
	case "daemon":
		// A worker in a session of its own whose parent ends, and a socket of each kind.
		spawnMode("forker", true)
		listen("tcp", "127.0.0.1:0")
		listen("unix", filepath.Join(folderOf(), "s.sock"))
		stubborn("ready")
	case "forker":
		spawnMode("stray", true)
	case "stray":
		stubborn("stray")
	case "leaver":
		spawnMode("stray", false)
		fmt.Println("leaving")
	}
}

// folderOf is the run folder, which is the working folder.
func folderOf() string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return dir
}

func listen(network, address string) {
	if _, err := net.Listen(network, address); err != nil {
		panic(err)
	}
}

func stubborn(word string) {
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	fmt.Println(word)
	for {
		time.Sleep(time.Hour)
	}
}

func spawnMode(mode string, session bool) {
	cmd := exec.Command(executable())
	cmd.Env = append(os.Environ(), modeEnv+"="+mode)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if session {
		cmd.SysProcAttr = posix.Session(false)
	}
	if err := cmd.Start(); err != nil {
		panic(err)
	}
}

// labRole stands in for the lab: it starts components, nginx if the spec says so, until it is killed.
func labRole(ctx context.Context, c *proc.Child) error {
	var nginx bool
	if err := c.Spec(&nginx); err != nil {
		return err
	}
	if err := c.Ready(nil); err != nil {
		return err
	}
	for range 2 {
		dir := workFolder()
		cmd := Command{Name: "daemon", Argv: []string{executable()}, Env: []string{modeEnv + "=daemon"}, Dir: dir}
		if nginx {
			cmd = Command{Name: "nginx", Argv: []string{"nginx", "-e", "stderr", "-p", dir, "-c", nginxConfig(dir)}, Dir: dir}
		}
		p, err := Start(ctx, cmd)
		if err != nil {
			return err
		}
		if err := c.Send(pair{Watcher: p.child.PID(), Guard: p.GuardPID(), First: p.PID()}); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return nil
}

// pair is what the lab tells of a component.
type pair struct{ Watcher, Guard, First int }

// nginxConfig writes a configuration with two workers and a unix socket, and gives its path.
func nginxConfig(dir string) string {
	text := "daemon off; worker_processes 2; pid pid; error_log stderr;\nevents {}\nhttp {\naccess_log off;\n"
	for _, temp := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		text += temp + "_temp_path " + temp + ";\n"
	}
	text += "server { listen unix:" + dir + "/s.sock; }\n}\n"
	path := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		panic(err)
	}
	return path
}

// workFolder is a folder for each component in the run folder.
func workFolder() string {
	folder, err := runfolder.Path()
	if err != nil {
		panic(err)
	}
	dir, err := os.MkdirTemp(folder, "w")
	if err != nil {
		panic(err)
	}
	return dir
}
