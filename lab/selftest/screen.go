package selftest

import "context"

// screen runs the rows that whoever has a screen gave.
func screen(ctx context.Context, b *bench) error {
	if b.Screen == nil {
		return notHere("there is no screen to measure")
	}
	rows, err := b.Screen(ctx, b.Quick, b.Progress)
	for _, r := range rows {
		b.row(r)
	}
	return err
}
