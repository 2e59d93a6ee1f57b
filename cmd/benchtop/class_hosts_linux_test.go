package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"benchtop/lab/class"
)

// hostsEnv asks for the class of many hosts, which needs root, takes a minute and loads the machine.
const hostsEnv = "BENCHTOP_TEST_HOSTS"

// A class in namespaces of the network: each seat is a host of its own.
const (
	hosts     = 20
	badHosts  = 5                     // of them, behind a network that
	badDelay  = 50 * time.Millisecond // delays each packet by so much, each way
	badLoss   = 0.02                  // and loses so many
	trainerIP = "10.77.0.1"
)

// ip configures the network of the machine.
func ip(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// namespace makes a network of its own, whose loopback is up.
func namespace(t *testing.T, name string) string {
	t.Helper()
	ip(t, "netns", "add", name)
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", name).Run() }) // with everything in it
	ip(t, "-n", name, "link", "set", "lo", "up")
	return name
}

// within does something on a thread that is in a namespace: what it opens stays there.
func within(space string, do func() error) error {
	errs := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocks: the thread ends with the goroutine
		errs <- func() error {
			ns, err := os.Open(filepath.Join("/run/netns", space))
			if err != nil {
				return err
			}
			defer func() { _ = ns.Close() }()
			if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
				return err
			}
			return do()
		}()
	}()
	return <-errs
}

// tunnel makes a device in a namespace whose packets this process carries.
func tunnel(t *testing.T, space, device, address string) *os.File {
	t.Helper()
	var file *os.File
	err := within(space, func() error {
		fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		request, err := unix.NewIfreq(device)
		if err != nil {
			return err
		}
		request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
			return err
		}
		file = os.NewFile(uintptr(fd), device)
		return nil
	})
	if err != nil {
		t.Skipf("no tunnel can be made here: %v", err)
	}
	ip(t, "-n", space, "addr", "add", address, "dev", device)
	ip(t, "-n", space, "link", "set", device, "up")
	return file
}

// carry takes packets from one device to the other, late, and not all of them.
func carry(from, to io.ReadWriter, all *sync.WaitGroup) {
	type packet struct {
		due  time.Time
		data []byte
	}
	way := make(chan packet, 4096)
	all.Go(func() {
		defer close(way)
		for b := make([]byte, 1<<16); ; {
			n, err := from.Read(b)
			if err != nil {
				return
			}
			if rand.Float64() >= badLoss {
				way <- packet{time.Now().Add(badDelay), append([]byte(nil), b[:n]...)}
			}
		}
	})
	all.Go(func() {
		for p := range way {
			time.Sleep(time.Until(p.due)) // the delay itself
			_, _ = to.Write(p.data)       // what the device does not take is lost, as on every network
		}
	})
}

// network makes namespaces, and gives that of the trainer and those of the hosts, the first of which are behind a bad network.
func network(t *testing.T, hosts, bad int) (trainer string, seats []string) {
	t.Helper()
	if os.Getenv(hostsEnv) == "" {
		t.Skipf("%d hosts in namespaces: set %s=1; it needs root and a minute", hosts, hostsEnv)
	}
	if out, err := exec.Command("ip", "netns", "list").CombinedOutput(); err != nil || os.Geteuid() != 0 {
		t.Skipf("namespaces of the network need root and ip: %v %s", err, out)
	}
	prefix := fmt.Sprintf("bt%d", os.Getpid())
	trainer = namespace(t, prefix+"t")
	ip(t, "-n", trainer, "link", "add", "br0", "type", "bridge")
	ip(t, "-n", trainer, "addr", "add", trainerIP+"/24", "dev", "br0")
	ip(t, "-n", trainer, "link", "set", "br0", "up")
	var carried sync.WaitGroup
	var devices []*os.File
	t.Cleanup(func() {
		for _, d := range devices {
			_ = d.Close()
		}
		carried.Wait()
	})
	for i := range hosts {
		seat := namespace(t, fmt.Sprintf("%ss%d", prefix, i))
		seats = append(seats, seat)
		device := fmt.Sprintf("v%d", i)
		if i < bad {
			near := tunnel(t, trainer, device, fmt.Sprintf("10.77.1.%d/30", 4*i+1))
			far := tunnel(t, seat, "eth0", fmt.Sprintf("10.77.1.%d/30", 4*i+2))
			devices = append(devices, near, far)
			carry(near, far, &carried)
			carry(far, near, &carried)
			ip(t, "-n", seat, "route", "add", "default", "dev", "eth0")
			continue
		}
		ip(t, "-n", trainer, "link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", seat)
		ip(t, "-n", trainer, "link", "set", device, "master", "br0", "up")
		ip(t, "-n", seat, "addr", "add", fmt.Sprintf("10.77.0.%d/24", i+10), "dev", "eth0")
		ip(t, "-n", seat, "link", "set", "eth0", "up")
	}
	return trainer, seats
}

// A trainer and twenty seats, each a host of its own, five of them behind a bad network: a lesson from join to the results.
func TestAClassOfHosts(t *testing.T) {
	space, spaces := network(t, hosts, badHosts)
	exported := filepath.Join(t.TempDir(), "out")
	trainer := inside(t, space, t.TempDir(), "class", lessonFile(t, strings.Replace(classLesson, "blocks: 3", "blocks: 4", 1)), "--plain", "--listen", trainerIP+":4242", "--export", exported)
	code := trainer.hears(joined)[1]
	seats := make([]*talk, hosts)
	for i := range seats {
		seats[i] = inside(t, spaces[i], t.TempDir(), "join", code, "--plain", "--name", fmt.Sprintf("host%02d", i))
	}
	for i, s := range seats {
		s.hears("nothing runs until you press enter")
		s.say(fmt.Sprintf("predict 1x %.1fx two", 1.2+float64(i)/10))
		s.hears("sealed:")
	}
	trainer.hears("host19.*: .*prediction sealed")
	trainer.say("open predictions")
	for _, s := range seats {
		s.hears("the trainer has opened the predictions")
	}
	for i := range seats { // two at a time: they share the processors of one machine
		seats[i].say("")
		if i%2 == 1 {
			seats[i-1].through()
			seats[i].through()
		}
	}
	for i, s := range seats {
		s.say(fmt.Sprintf("answer 1 %d", 1+i%2))
		trainer.hears(fmt.Sprintf("host%02d: done.*1 answered", i))
	}
	trainer.say("open answers")
	seats[0].hears(`The second  \[10\]  right`)
	trainer.say("end")
	trainer.ends(exitOK)
	for _, s := range seats {
		s.ends(exitOK)
	}
	events, err := class.Replay(exported)
	if err != nil {
		t.Fatal(err)
	}
	var room class.Room
	for i := range events {
		room.Apply(&events[i])
	}
	measured := 0
	for i := range room.Now().Entries {
		if c := room.Now().Entries[i].Main(); c != nil && c.Ratio != nil {
			measured++
		}
	}
	if measured != hosts || room.Refusals != 0 {
		t.Errorf("%d seats measured, %d refusals", measured, room.Refusals)
	}
	t.Log(trainer.text())
}

// inside is talking in a namespace of the network.
func inside(t *testing.T, space, state string, args ...string) *talk {
	t.Helper()
	return started(t, args[0], state, func(name string) *exec.Cmd {
		return exec.Command("ip", append([]string{"netns", "exec", space, name}, args...)...)
	})
}
