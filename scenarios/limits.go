package scenarios

import "time"

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

// Limits of the keys that only files have. A file cannot raise them.
const (
	MaxVariants = 16
	MaxTotal    = 2 * time.Hour
	MaxMinutes  = 120

	maxID           = 40
	maxTitle        = 100
	maxLabel        = 60
	maxClaim        = 4 // C999
	maxClaims       = 40
	maxPart         = 200 // of a claim
	maxEndpoint     = 2048
	maxLesson       = 64 << 10
	maxSentence     = 400 // questions, answers
	maxHeaders      = 32
	maxHeader       = 4096
	maxExpect       = 50
	maxConclusions  = 12
	maxQuestion     = 10
	maxOptions      = 6
	maxAxes         = 6 // keys of a matrix
	maxExclude      = 256
	maxCombinations = 4096 // of a matrix, before exclude
	maxSteps        = 200
	maxSettings     = 64 // of a step
	maxProblems     = 25 // kept of one file
)

// defaultConnections are those of a closed load that names no number.
const defaultConnections = 64
