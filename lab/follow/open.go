package follow

import (
	"os"
	"path/filepath"

	"benchtop/lab"
	"benchtop/targets/posix"
	"benchtop/targets/runfolder"
)

// Open lets others of this user follow this process, through a socket in its run folder. id is the scenario if there is
// only one. screen: the screen says where the person is; else the events of the run do. Where nothing can be run there is nobody
// to follow: no Hub.
func Open(h Hello, id string, screen bool) (*Hub, error) {
	if posix.Missing() != nil {
		return nil, nil // nobody follows what runs nothing
	}
	dir, err := runfolder.Path()
	if err != nil {
		return nil, err
	}
	h.PID = os.Getpid()
	hub, err := Serve(filepath.Join(dir, Name(id)), h)
	if err == nil {
		hub.screen = screen
	}
	return hub, err
}

// Listen gives what takes the events of a run after its fold has them.
func (h *Hub) Listen(fold *lab.Fold) lab.Sink {
	return func(e lab.Event) {
		if h != nil && !h.screen && (e.Run != nil || e.Phase != nil || e.End != nil) {
			h.Where(FromState(fold.State()))
		}
		h.Event(e)
	}
}

// Labs are the sockets of this user's labs.
func Labs() []string {
	var out []string
	for _, dir := range runfolder.Living() {
		found, err := filepath.Glob(filepath.Join(dir, "*"+Extension))
		if err == nil {
			out = append(out, found...)
		}
	}
	return out
}
