package lab

import (
	"time"

	"benchtop/targets/setting"
)

// TypeMetric is the type of a setting that names a metric.
const TypeMetric setting.Type = "metric"

// Bounds of a plan.
const (
	MinSlice  = 100 * time.Millisecond
	MaxSlice  = 60 * time.Second
	MinWarmup = 100 * time.Millisecond
	MaxWarmup = 5 * time.Minute
	MaxSeed   = 1<<53 - 1 // the highest number that JSON has exactly

	maxSettle = 60 * time.Second
	maxBlocks = 200
)

// PlanSettings are the settings of how a Plan is laid out in time, and of what decides.
func PlanSettings() []setting.Setting {
	return []setting.Setting{
		{
			Key: "warmup", Doc: "Once per variant, not counted; 100ms to 5m.", Default: "2s", Min: float64(MinWarmup), Max: float64(MaxWarmup),
			At: setting.At(func(p *Plan) *time.Duration { return &p.Warmup }),
		},
		{
			Key: "slice", Doc: "Counted part of each slice; 100ms to 60s. Not beside load.stages, which replace it.", Default: "1500ms", Min: float64(MinSlice), Max: float64(MaxSlice),
			At: setting.At(func(p *Plan) *time.Duration { return &p.Slice }),
		},
		{
			Key: "settle", Doc: "Before the counted part of each slice; 0s to 60s.", Default: "250ms", Max: float64(maxSettle),
			At: setting.At(func(p *Plan) *time.Duration { return &p.Settle }),
		},
		{
			Key: "blocks", Doc: "Each block has two slices of every variant.", Default: "6", Always: true, Min: 1, Max: maxBlocks,
			At: setting.At(func(p *Plan) *int { return &p.Blocks }),
		},
		{
			Key: "order", Default: string(Interleaved), Values: []string{string(Interleaved), string(Sequential), string(Together)},
			Doc: "interleaved: A B B A. sequential: A A B B, to show why it misleads. together: all variants under load at the same time, a race in which they share the machine; its verdicts are refused.",
			At:  setting.At(func(p *Plan) *Order { return &p.Order }),
		},
		{
			Key: "metric", Type: TypeMetric, Doc: "The one metric that decides; rps if left out, p99 in the open model.", Always: true,
			At: setting.At(func(p *Plan) *string { return &p.Metric }),
		},
		{
			Key: "smallest_effect", Doc: "The smallest difference that counts; 0.1% to 100%.", Default: "2%", Min: 0.001, Max: 1,
			At: setting.At(func(p *Plan) *float64 { return &p.SmallestEffect }),
		},
		{
			Key: "max_errors", Doc: "Share of failed requests over which every verdict is refused.", Default: "1%", Max: 1,
			At: setting.At(func(p *Plan) *float64 { return &p.ErrorLimit }),
		},
		{
			Key: "seed", Doc: "Draws which variant leads; taken from the file's hash if left out.", Unset: true, Min: 1, Max: MaxSeed,
			At: setting.At(func(p *Plan) *uint64 { return &p.Seed }),
		},
	}
}
