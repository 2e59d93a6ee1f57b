package scenarios

import (
	"time"

	"benchtop/lab/load"
)

// Limits of a scenario file, checked before the YAML library reads it. That library is linear in most inputs but not
// in all (a mapping costs the square of its keys, blank lines at the end of a block text cost more than that), so
// lines, keys and punctuation are bounded too; no lesson comes near any of them.
const (
	MaxBytes = 256 << 10 // of a file
	MaxDepth = 32        // levels of nesting

	maxLines       = 3000
	maxKeys        = 2000
	maxPunctuation = 25000 // characters that mean something to YAML
	maxOpeners     = 4000  // [ and {
)

// Limits of the values. A file cannot raise them.
const (
	MaxConnections = 20000
	MaxRate        = 1e6 // requests per second
	MaxVariants    = 16
	MaxBlocks      = 200
	MinSlice       = 100 * time.Millisecond
	MaxSlice       = 60 * time.Second
	MinStage       = time.Millisecond
	MaxSettle      = 60 * time.Second
	MinWarmup      = 100 * time.Millisecond
	MaxWarmup      = 5 * time.Minute
	MinTimeout     = time.Millisecond
	MaxTimeout     = 2 * time.Minute // the histograms end there
	MaxThink       = time.Minute
	MaxBackoff     = 2 * time.Minute
	MaxTotal       = 2 * time.Hour
	MaxMinutes     = 120

	maxID           = 40
	maxTitle        = 100
	maxLabel        = 60
	maxClaim        = 4   // C999
	maxPart         = 200 // of a claim
	maxEndpoint     = 2048
	maxLesson       = 64 << 10
	maxSentence     = 400 // questions, answers
	maxBody         = 64 << 10
	maxHeaders      = 32
	maxHeader       = 4096
	maxExpect       = 50
	maxQuestion     = 10
	maxOptions      = 6
	maxArguments    = 100     // of a command
	maxBodyLimit    = 1 << 30 // bytes
	maxMinLength    = 1 << 20 // bytes
	maxAxes         = 6       // keys of a matrix
	maxExclude      = 256
	maxCombinations = 4096 // of a matrix, before exclude
	maxStages       = load.MaxStages
	maxSteps        = 200
	maxSettings     = 64 // of a step
	maxProblems     = 25 // kept of one file
	maxSeed         = 1<<53 - 1
)

// Values that hold where a file says nothing.
const (
	defaultConnections     = 64
	defaultConnectionsOpen = 1000 // at most so many, opened as they are needed
	defaultTimeout         = 5 * time.Second
	defaultWarmup          = 2 * time.Second
	defaultSlice           = 1500 * time.Millisecond
	defaultSettle          = 250 * time.Millisecond
	defaultBlocks          = 6
	defaultSmallestEffect  = 0.02
	defaultErrorLimit      = 0.01
)
