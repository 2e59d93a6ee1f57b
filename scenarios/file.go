package scenarios

import (
	"time"

	"benchtop/lab"
	"benchtop/lab/ablation"
	"benchtop/targets/setting"
)

// Types of keys of a scenario file that are no single values.
const (
	typeFormat    setting.Type = "format"    // the version of the file format
	typeClaims    setting.Type = "claims"    // rows of the claim ledger
	typeRequires  setting.Type = "requires"  // names of components
	typeNames     setting.Type = "names"     // ids of variants
	typeSentences setting.Type = "sentences" // expectations, judged with the whole plan
	typeWhen      setting.Type = "when"      // the same with verdicts, all of which must hold; one may stand without its list
	typeSet       setting.Type = "set"       // settings by variant.key
	typeSignal    setting.Type = "signal"    // signals by variant.part
	typeSteps     setting.Type = "steps"
	typeObject    setting.Type = "object"   // a mapping with the keys of Rows
	typeTarget    setting.Type = "target"   // these five are read together
	typeVariants  setting.Type = "variants" //
	typeMatrix    setting.Type = "matrix"   //
	typeExclude   setting.Type = "exclude"  //
	typeLoad      setting.Type = "load"     //
	typePlan      setting.Type = "plan"
)

// inPlan is the place of a field of a plan.
func inPlan[T any](field func(*lab.Plan) *T) setting.Place { return setting.At(field) }

// whole is the place of keys that are spread over a plan.
var whole = inPlan(func(p *lab.Plan) *lab.Plan { return p })

// fileKeys are the keys of a scenario file, in the order in which they are written.
func fileKeys() []setting.Setting {
	return append(headerKeys(), []setting.Setting{
		{Key: "lesson", Type: setting.Lines, Doc: "Markdown, shown before the run.", Longest: maxLesson, At: inPlan(func(p *lab.Plan) *string { return &p.Lesson })},
		{
			Key: "look", Type: setting.Lines, Longest: maxLesson, At: inPlan(func(p *lab.Plan) *string { return &p.Look }),
			Doc: "Markdown, shown once the prediction is locked: what to look at, and below a heading what explains the outcome.",
		},
		{Key: "target", Type: typeTarget, Doc: "The system under test; each variant overrides it.", Needed: true, At: whole},
		{Key: "variants", Type: typeVariants, Doc: "The columns that are compared.", Least: 1, Most: MaxVariants, At: whole},
		{
			Key: "matrix", Type: typeMatrix, At: whole,
			Doc: "Instead of variants: the product of lists of values by the path of a key, such as proxy.keepalive: [0, 8]. At most 16 variants; " + idRule + ".",
		},
		{
			Key: "exclude", Type: typeExclude, Least: 1, Most: maxExclude, At: whole,
			Doc: "Combinations of the matrix to leave out, each by one value per key: {proxy.keepalive: 0, load.connections: 50}.",
		},
		{
			Key: "baseline", Type: setting.Name, Doc: "Id of the variant that the others are compared with; the first if left out.",
			At: inPlan(func(p *lab.Plan) *string { return &p.Baseline }),
		},
		{Key: "load", Type: typeLoad, Doc: "What is driven at the target; each variant may override it.", Needed: true, At: whole},
		{Key: "plan", Type: typePlan, Doc: "How the run is laid out in time, and what decides.", Rows: lab.PlanSettings(), At: whole},
		{
			Key: "steps", Type: typeSteps, Least: 1, Most: maxSteps, Noun: "the step", Rows: stepKeys(), At: inPlan(func(p *lab.Plan) *[]lab.Step { return &p.Steps }),
			Doc: "What changes in the run, in the order of time. Each step takes effect between two slices. Only slices between which nothing changed are compared: the verdict is about what was measured after the last step. Signals with every: slice come in each slice instead, and are a part of it.",
		},
		{
			Key: "ablation", Type: typeObject, Rows: ablationKeys(), At: inPlan(func(p *lab.Plan) **ablation.Plan { return &p.Ablation }),
			Doc: "Which variants lack which fix: the end of the run ranks what each is worth by the primary metric, with all others there and alone.",
		},
		{
			Key: "predict", Type: typeObject, Doc: "The question that is asked before the run.", Rows: predictKeys(),
			At: inPlan(func(p *lab.Plan) **lab.Predict { return &p.Predict }),
		},
		{
			Key: "expect", Type: typeSentences, Doc: "What should come out, one comparison each: rps(kept) / rps(none) >= 1.03. Of one service: service_rss_bytes(kept.cache) < 64MiB.", Most: maxExpect,
			At: inPlan(func(p *lab.Plan) *[]string { return &p.Expect }),
		},
		{
			Key: "mechanism", Type: typeSentences, Most: maxExpect, At: inPlan(func(p *lab.Plan) *[]string { return &p.Mechanism }),
			Doc: "What must have happened for the run to mean anything; written like expect. If it did not, verdicts are not_applicable.",
		},
		{
			Key: "conclusions", Type: setting.Objects, Least: 1, Most: maxConclusions, Noun: "the conclusion", Rows: conclusionKeys(),
			At: inPlan(func(p *lab.Plan) *[]lab.Conclusion { return &p.Conclusions }), Doc: "What the outcome means and what to do. The first that holds is shown.",
		},
		{
			Key: "quiz", Type: setting.Objects, Doc: "Questions after the run.", Least: 1, Most: maxQuestion, Noun: "the question", Rows: quizKeys(),
			At: inPlan(func(p *lab.Plan) *[]lab.Quiz { return &p.Quiz }),
		},
		{Key: "notes", Type: setting.Lines, Doc: "Markdown for the trainer.", Longest: maxLesson, At: inPlan(func(p *lab.Plan) *string { return &p.Notes })},
	}...)
}

// headerKeys are what the catalogue reads of a file, and twin.
func headerKeys() []setting.Setting {
	return []setting.Setting{
		{Key: "benchtop", Type: typeFormat, Doc: "Version of the format.", Needed: true, At: whole},
		{
			Key: "id", Type: setting.Name, Doc: "Name of the scenario: small letters, digits, hyphens.", Needed: true,
			At: inPlan(func(p *lab.Plan) *string { return &p.ID }),
		},
		{Key: "title", Doc: "The question, on one line.", Needed: true, Longest: maxTitle, At: inPlan(func(p *lab.Plan) *string { return &p.Title })},
		{
			Key: "track", Type: setting.Name, At: inPlan(func(p *lab.Plan) *string { return &p.Track }),
			Doc: "Group of the catalogue: start, connections, workers, async, payload, data, production, measuring, or one of your own.",
		},
		{
			Key: "minutes", Doc: "How long the lesson takes, reading included.", Min: 1, Max: MaxMinutes,
			At: inPlan(func(p *lab.Plan) *int { return &p.Minutes }),
		},
		{
			Key: "claims", Type: typeClaims, Most: maxClaims, Noun: "the claim", Rows: claimKeys(), At: inPlan(func(p *lab.Plan) *[]lab.Claim { return &p.Claims }),
			Doc: "Rows of the claim ledger that this run answers: C10, or {id: C15, part: ...} where it answers a part of the row.",
		},
		{
			Key: "requires", Type: typeRequires, At: inPlan(func(p *lab.Plan) *[]string { return &p.Requires }),
			Doc: "Components that the variants need besides benchtop; a machine without one of them is told which, before anything starts.",
		},
		{
			Key: "twin", Type: setting.Name, At: inPlan(func(p *lab.Plan) *string { return &p.Twin }),
			Doc: "Id of the scenario that asks the same of the real components, or of the built-in ones: shipped, or a file ID.yaml beside this one. run --twin runs both.",
		},
	}
}

func claimKeys() []setting.Setting {
	return []setting.Setting{
		{Key: "id", Doc: "Number of the row.", Needed: true, Longest: maxClaim, At: setting.At(func(c *lab.Claim) *string { return &c.ID })},
		{Key: "part", Doc: "What of the row this run answers, and what it does not.", Needed: true, Longest: maxPart, At: setting.At(func(c *lab.Claim) *string { return &c.Part })},
	}
}

func stepKeys() []setting.Setting {
	return []setting.Setting{
		{
			Key: "at", Doc: "When, counted from the first slice after the warm-up; before the end of the run. With every: slice counted from the beginning of each slice's counted part, and before its end.", Needed: true, Max: float64(MaxTotal),
			At: setting.At(func(s *lab.Step) *time.Duration { return &s.At }),
		},
		{
			Key: "start", Type: typeNames, Doc: "Ids of variants that come; one that a step starts is not there before. It has its warm-up then.", Least: 1, Most: MaxVariants,
			At: setting.At(func(s *lab.Step) *[]string { return &s.Start }),
		},
		{
			Key: "set", Type: typeSet, At: setting.At(func(s *lab.Step) *[]string { return &s.Set }),
			Doc: "Settings by variant.key, as run --set takes them: kept.workers: 2, or all.load.connections: 128 for every variant that is there. A target whose own settings change is started again and warmed up.",
		},
		{
			Key: "signal", Type: typeSignal, At: setting.At(func(s *lab.Step) *[]string { return &s.Signal }),
			Doc: "Signals by variant.part: a.worker: KILL tells one worker of the server, a.server: HUP the server as a whole, a.proxy: TERM the proxy, a.cache: STOP the service of that name; all.worker is one of every variant. What a part takes depends on its kind.",
		},
		{
			Key: "every", Values: []string{lab.EverySlice}, At: setting.At(func(s *lab.Step) *string { return &s.Every }),
			Doc: "slice: the signals come under load, in each slice of the variants that are named. Left out: the step comes once, between two slices.",
		},
		{
			Key: "stop", Type: typeNames, Doc: "Ids of variants that go; their targets stop.", Least: 1, Most: MaxVariants,
			At: setting.At(func(s *lab.Step) *[]string { return &s.Stop }),
		},
	}
}

func ablationKeys() []setting.Setting {
	return []setting.Setting{
		{Key: "off", Type: setting.Name, Doc: "Id of the variant without any fix.", Needed: true, At: setting.At(func(a *ablation.Plan) *string { return &a.Off })},
		{Key: "on", Type: setting.Name, Doc: "Id of the variant with all of them.", Needed: true, At: setting.At(func(a *ablation.Plan) *string { return &a.On })},
		{
			Key: "fixes", Type: setting.Objects, Doc: "The fixes.", Needed: true, Least: 2, Most: MaxVariants, Noun: "the fix", Rows: fixKeys(),
			At: setting.At(func(a *ablation.Plan) *[]ablation.Fix { return &a.Fixes }),
		},
	}
}

func fixKeys() []setting.Setting {
	return []setting.Setting{
		{Key: "name", Doc: "What the fix is called.", Needed: true, Longest: maxLabel, At: setting.At(func(f *ablation.Fix) *string { return &f.Name })},
		{Key: "without", Type: setting.Name, Doc: "Id of the variant with all fixes but this.", Needed: true, At: setting.At(func(f *ablation.Fix) *string { return &f.Without })},
		{Key: "alone", Type: setting.Name, Doc: "Id of the variant with this fix only.", At: setting.At(func(f *ablation.Fix) *string { return &f.Alone })},
	}
}

func predictKeys() []setting.Setting {
	return []setting.Setting{
		{Key: "ask", Doc: "The question.", Needed: true, Longest: maxSentence, At: setting.At(func(q *lab.Predict) *string { return &q.Ask })},
		{Key: "metric", Type: lab.TypeMetric, Doc: "What is predicted.", Needed: true, At: setting.At(func(q *lab.Predict) *string { return &q.Metric })},
		{Key: "variant", Type: setting.Name, Doc: "Of which variant, against the baseline.", Needed: true, At: setting.At(func(q *lab.Predict) *string { return &q.Variant })},
	}
}

func conclusionKeys() []setting.Setting {
	return []setting.Setting{
		{
			Key: "when", Type: typeWhen, Least: 1, Most: maxExpect, At: setting.At(func(c *lab.Conclusion) *[]string { return &c.When }),
			Doc: "What must be confirmed for it to hold: a comparison as in expect, verdict(ID) == WORD with the verdict on the primary metric, or a list of them. The last conclusion may do without: it holds otherwise.",
		},
		{Key: "means", Doc: "What it means, in two or three sentences.", Needed: true, Longest: 2 * maxSentence, At: setting.At(func(c *lab.Conclusion) *string { return &c.Means })},
		{Key: "do", Doc: "What to do, in two or three sentences.", Needed: true, Longest: 2 * maxSentence, At: setting.At(func(c *lab.Conclusion) *string { return &c.Do })},
	}
}

func quizKeys() []setting.Setting {
	return []setting.Setting{
		{Key: "ask", Doc: "The question.", Needed: true, Longest: maxSentence, At: setting.At(func(q *lab.Quiz) *string { return &q.Ask })},
		{
			Key: "options", Type: setting.Objects, Doc: "The answers, exactly one of them correct.", Needed: true, Least: 2, Most: maxOptions, Noun: "the option", Rows: optionKeys(),
			At: setting.At(func(q *lab.Quiz) *[]lab.Option { return &q.Options }),
		},
		{Key: "why", Doc: "Shown after the answer.", Longest: 2 * maxSentence, At: setting.At(func(q *lab.Quiz) *string { return &q.Why })},
	}
}

func optionKeys() []setting.Setting {
	return []setting.Setting{
		{Key: "text", Doc: "The answer.", Needed: true, Longest: maxSentence, At: setting.At(func(o *lab.Option) *string { return &o.Text })},
		{Key: "correct", Doc: "true in exactly one option.", At: setting.At(func(o *lab.Option) *bool { return &o.Correct })},
		{Key: "proof", Type: setting.Name, Doc: "Id of the shipped scenario whose run proves it.", At: setting.At(func(o *lab.Option) *string { return &o.Proof })},
	}
}

// variantKeys are the keys of a variant besides those of its target; its load is laid over the one that it inherits.
func variantKeys() []setting.Setting {
	return []setting.Setting{
		{Key: "id", Type: setting.Name, Doc: "Name of the variant, as expectations use it.", Needed: true, At: setting.At(func(v *lab.Variant) *string { return &v.ID })},
		{
			Key: "label", Doc: "What the column is called; the id if left out.", Longest: maxLabel,
			At: setting.At(func(v *lab.Variant) *string { return &v.Label }),
		},
		{Key: "load", Type: typeLoad, Doc: "What is different in the load of this variant.", At: setting.At(func(v *lab.Variant) *lab.Load { return &v.Load })},
	}
}
