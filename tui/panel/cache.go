package panel

import "benchtop/tui/theme"

// Cache keeps panels as they were drawn last: one is drawn again when what it depends on has changed. The zero Cache is ready.
type Cache struct {
	Sheet  theme.Sheet // what panels are drawn on
	panels map[Name]drawn
}

// Name tells the panels of a screen apart.
type Name struct{ What, ID string }

// Key is what a panel depends on.
type Key struct {
	Run     int // which one, of those that the screen had
	Seq     uint64
	Renames int // that stand on the screen before the run has taken them
	Look    *theme.Theme
	Tier    theme.Tier
	Set     Settings
	Rect    Rect
	Focused bool
	Below   bool // there is a table above it
	Extra   string
}

type drawn struct {
	key   Key
	lines []string
}

// Draw gives the lines of a panel.
func (c *Cache) Draw(name Name, key Key, draw func() []string) []string {
	old, ok := c.panels[name]
	if ok && old.key == key {
		return old.lines
	}
	size := 0
	for _, l := range old.lines {
		size += len(l)
	}
	c.Sheet.Begin(size*9/4 + 1024) // what stands in a box was a line before
	lines := draw()
	if c.panels == nil {
		c.panels = map[Name]drawn{}
	}
	c.panels[name] = drawn{key, lines}
	return lines
}
