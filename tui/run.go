package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab/progress"
	"benchtop/tui/screen"
	"benchtop/tui/watch"
)

// attach puts a session on the live screen, with what was said before it.
func (m *model) attach(s Session, said *progress.Prediction) {
	m.run.Attach(s, said)
	m.Home(screen.Watch{New: true})
	m.Pull()
}

// opened shows a run file.
func (m *model) opened(o watch.Opened) {
	if o.Done != nil {
		o.Done()
	}
	switch {
	case o.Err != nil:
		m.Say(o.Err.Error())
	case m.Running() || m.starting:
		m.Say("a run has begun in the meantime")
	default:
		m.run.Attach(o.Session, nil)
		m.ask(screen.Watch{New: true})
		m.Home(o.Show...)
		m.Pull()
		if o.Notice != "" {
			m.Say(o.Notice)
		}
	}
}

// Reference implements screen.Desk.
func (m *model) Reference(id string) {
	if m.run.Back() {
		m.Home(screen.Watch{New: true})
		m.Switch(screen.Verdict{})
		return
	}
	if m.recorded(id) {
		m.Home(screen.Watch{New: true})
		m.Pull()
	}
}

// recorded puts the recorded run of a scenario, at its end, before the one that is watched.
func (m *model) recorded(id string) bool {
	if m.withheld(id) {
		m.Say("the recorded run shows what comes out; it is here after your own run, or once this machine has skipped it (S on the screen of the class)")
		return false
	}
	run, err := m.cfg.Reference(id)
	if err != nil {
		m.Say(err.Error())
		return false
	}
	_, total := run.Position()
	run.Seek(total)
	m.run.Put(run) // whose verdict says where it comes from
	return true
}

// Proof implements screen.Desk.
func (m *model) Proof(id string) {
	below := len(m.stack)
	if m.recorded(id) {
		m.run.Proof, m.proofOver = true, below
		m.Open(screen.Watch{New: true})
		m.Pull()
	}
}

// leaveProof brings back the run that a proof stands before, once its screen is closed.
func (m *model) leaveProof() {
	if m.proofOver == 0 || len(m.stack) > m.proofOver {
		return
	}
	m.proofOver = 0
	if m.run.Proof && m.run.Back() {
		m.ask(screen.Watch{New: true})
	}
}

// WhyNoReference implements screen.Desk.
func (m *model) WhyNoReference(id string) string {
	switch {
	case m.cfg.Reference == nil:
		return "this benchtop has no recorded runs"
	case m.cfg.Recorded != nil && !m.cfg.Recorded(id):
		return "there is no recorded run of " + id
	case m.Running():
		return "a run is going on"
	}
	return ""
}

// Pull implements screen.Desk: it takes one snapshot, and keeps the result of a run that ended as planned.
func (m *model) Pull() {
	watched := m.Running() && m.run.State != nil && !m.run.Ended
	turned, trouble := m.run.Pull()
	m.asking = m.asking && m.atStake()
	if trouble != "" {
		m.Say(trouble)
	}
	shown := m.top()
	m.ask(screen.Snapshot{Turned: turned})
	if watched && m.run.Ended && m.top() != shown {
		m.ending.came = m.cfg.Now()
	}
	switch {
	case !turned:
	case m.run.Replay != nil && m.run.Origin == "" && m.run.Said == nil && m.run.State.Result != nil:
		m.run.Said = m.course.Kept.SaidBefore(m.run.State.Result)
	case m.run.Cut():
		m.stoppedAtSeat(m.run.State.Plan, whyStopped(m.run.State.End))
	case m.run.Complete():
		m.run.Said = m.course.Finish(m.run.State, m.run.Said, m.cfg.Now())
		m.finishAtSeat(m.run.State)
		m.ask(screen.Finished{Plan: m.run.State.Plan})
	}
	if turned && (m.run.Cut() || m.run.Complete()) {
		own := *m.run
		m.ending.last = &own
	}
}

// lastVerdict leads to the verdict of the run of this lab that ended last, whatever was looked at since.
func (m *model) lastVerdict() {
	m.run.Return(m.ending.last)
	m.ask(screen.Watch{New: true})
	m.Home(screen.Verdict{})
}

func (m *model) whyNoLast() string {
	switch {
	case m.Running():
		return "a run is going on"
	case m.ending.last == nil:
		return "no run has ended since benchtop was started; m has the earlier ones"
	}
	return ""
}

// begun takes a run that was started, or why it was not.
func (m *model) begun(msg runMsg) tea.Cmd {
	m.starting = false
	if msg.err != nil {
		m.Say(msg.err.Error())
		if !msg.free {
			m.stoppedAtSeat(msg.plan, msg.err.Error())
		}
		return nil
	}
	m.attach(msg.session, msg.said)
	m.run.Plan = msg.plan
	if m.leaving() {
		m.run.Session.Stop()
		m.interrupted = true
	}
	return m.awaitEnd()
}

// awaitEnd tells when the session has ended: the verdict need not wait for the next tick.
func (m *model) awaitEnd() tea.Cmd {
	session, ctx := m.run.Session, m.ctx
	return func() tea.Msg {
		select {
		case <-session.Done():
		case <-ctx.Done():
		}
		return endedMsg{session}
	}
}
