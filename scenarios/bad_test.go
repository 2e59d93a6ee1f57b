package scenarios

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"benchtop/targets/printable"
)

// problems of the files in testdata, one file per rule: line:col, then parts of the message and the hint.
var badFiles = map[string][]string{
	"unknown-key":           {`4:10|unknown key "wrokers" in target|did you mean "workers"?|allowed: server, workers`},
	"unknown-key-top":       {`3:1|unknown key "titel"|did you mean "title"?`},
	"unknown-key-plan":      {`9:8|unknown key "slices" in plan|did you mean "slice"?`},
	"unknown-key-variant":   {`7:13|unknown key "worker" in the variant|did you mean "workers"?`},
	"variant-target":        {`7:13|unknown key "target" in the variant|keys of its own`},
	"key-elsewhere":         {`9:1|unknown key "connections" in the scenario|it is a key of load`},
	"duplicate-key":         {`9:1|key "title" of the scenario stands twice; first on line 3`},
	"duplicate-key-nested":  {`8:39|key "connections" of load stands twice`},
	"missing-keys":          {`1:1|has no title`, `1:1|has no target`, `1:1|has no load`, `1:1|has no variants`},
	"version":               {`1:11|version 2|reads version 1`},
	"version-text":          {`1:11|benchtop wants a whole number|leave the quotes out`},
	"not-a-mapping":         {`1:1|a scenario is a mapping`},
	"empty":                 {`1:1|the file is empty`},
	"null-value":            {`9:1|expect has no value`},
	"anchor":                {`4:9|an anchor`},
	"alias":                 {`6:5|an alias`},
	"merge-key":             {`7:13|a merge key`},
	"tag":                   {`3:8|a tag`},
	"explicit-key":          {`9:1|an explicit key`},
	"directive":             {`1:1|a directive`},
	"documents":             {`9:1|one YAML document`},
	"depth":                 {`9:39|more than 32 levels`},
	"syntax":                {`8:7|not valid YAML`},
	"tab-indent":            {`6:1|a tab where only spaces|indent with spaces`},
	"escape-raw":            {`3:12|an escape character (U+001B) in the file`},
	"escape-quoted":         {`3:8|title holds an escape character (U+001B)`},
	"bidi":                  {`3:12|direction of writing (U+202E)`},
	"zero-width":            {`3:18|an invisible character (U+200B) in the file`, `9:11|U+200D`, `9:27|U+FE0F`},
	"zero-width-quoted":     {`3:8|title holds an invisible character (U+00AD)`},
	"bidi-comment":          {`2:11|direction of writing (U+2066)`},
	"control-lesson":        {`9:9|lesson holds a control character (U+0007)`},
	"not-utf8":              {`9:11|not UTF-8 (0xe9)`},
	"two-line-title":        {`3:8|title holds a line break`},
	"title-number":          {`3:8|title wants a text, found "12"|put it in quotes`},
	"title-long":            {`3:8|title has 149 characters; at most 100`},
	"id":                    {`2:5|id "Bad_Id" is not allowed|write bad-id`},
	"variant-id":            {`6:10|id "a b" is not allowed|write a-b`},
	"variant-twice":         {`7:10|variant "a" stands twice`},
	"no-variants":           {`5:11|variants has 0 items; allowed: 1 to 16`},
	"many-variants":         {`6:3|variants has 17 items; allowed: 1 to 16`},
	"variants-mapping":      {`5:11|variants wants a list`},
	"label-long":            {`6:20|label has 61 characters; at most 60`},
	"ablation-metric":       {`8:11|plan.metric "cache_hit_ratio" is no cost|set plan.metric to rps`},
	"ablation-one":          {`7:34|fixes has 1 items`},
	"ablation-twice":        {`7:77|variant "c" stands twice in the ablation|a variant of its own`},
	"ablation-variant":      {`7:77|there is no variant "e"|allowed: a, b, c, d`},
	"baseline":              {`9:11|there is no variant "c"|allowed: a, b`},
	"duration-unit":         {`9:15|slice is 10 without a unit|write 10ms or 10s`},
	"duration-quoted":       {`9:15|slice is 10 without a unit`},
	"duration-negative":     {`9:16|warmup wants a duration`},
	"slice-short":           {`9:15|slice is 50ms; allowed: 100ms to 1m`},
	"slice-long":            {`9:15|slice is 61s; allowed: 100ms to 1m`},
	"blocks":                {`9:16|blocks is 201; allowed: a whole number from 1 to 200`},
	"blocks-zero":           {`9:16|blocks is 0`},
	"total":                 {`9:7|the run would take 6h42m; at most 2h`},
	"timeout":               {`8:48|timeout is 5 without a unit`},
	"timeout-long":          {`8:48|timeout is 1h; allowed: 1ms to 2m`},
	"smallest-effect":       {`9:25|smallest_effect is 2 without a unit|write 2%`},
	"smallest-effect-range": {`9:25|smallest_effect is "0%"; allowed: a percentage from 0.1% to 100%`},
	"max-errors":            {`9:20|max_errors is "101%"`},
	"seed":                  {`9:14|seed wants a whole number`},
	"connections":           {`8:36|connections is 20001; allowed: a whole number from 1 to 20000`},
	"connections-zero":      {`8:36|connections is 0`},
	"connections-fraction":  {`8:36|connections wants a whole number from 1 to 20000, found "8.5"`},
	"connections-quoted":    {`8:36|connections wants a whole number|leave the quotes out`},
	"connections-hex":       {`8:36|connections wants a whole number`},
	"workers":               {`7:22|workers is 65; allowed: a whole number from 1 to 64`},
	"workers-zero":          {`7:22|workers is 0`},
	"rate-closed":           {`8:45|a rate in a closed model|write model: open`},
	"rate-closed-variant":   {`7:26|a rate in a closed model`},
	"agents":                {`8:32|agents: 0 agents; allowed: 1 to 200|a list of names`},
	"agents-name":           {`8:38|"all" is no name of an agent`},
	"agents-race":           {`8:32|agents in a race|write order: interleaved`},
	"agents-few":            {`8:32|2 connections for 3 agents`},
	"agents-differ":         {`7:40|the agents of "b" are others than those of "a"`},
	"agents-env":            {`8:32|agents and request.header_env`},
	"agents-keys":           {`8:32|agents and keys.from`, `8:48|no such file`},
	"arrivals-closed":       {`8:49|arrivals in a closed model`},
	"arrivals":              {`8:41|arrivals "poison" is not known|did you mean "poisson"?`},
	"stages-closed":         {`8:31|stages in a closed model|write model: open`},
	"stages-slice":          {`9:15|slice together with stages|leave slice out; the stages take 2s`},
	"stages-rate":           {`8:59|a rate together with stages|the stages are the rate`},
	"stages-empty":          {`8:29|stages has 0 items; allowed: 1 to 100`},
	"stages-text":           {`8:29|stages wants a list, found "5s"`},
	"stages-keys": {
		`8:30|the stage has neither rate nor to|write rate: 1000`, `8:41|the stage has no for`, `8:62|unknown key "rat" in the stage|did you mean "rate"?`,
		`8:77|for is 5 without a unit`,
	},
	"stages-range":         {`8:46|rate is 1000001; allowed: 0 to 1000000 requests per second`, `8:62|for is 61s; allowed: 1ms to 1m`},
	"stages-share":         {`8:46|rate wants requests per second (a number), found "60%"`},
	"stages-long":          {`8:29|the stages take 1m1s; allowed: 100ms to 1m`},
	"stages-nothing":       {`8:29|the stages have no request`},
	"stages-differ":        {`7:28|the stages take 3s and a slice 2s; stages replace plan.slice`},
	"stages-elsewhere":     {`9:8|unknown key "stages" in plan|it is a key of load`},
	"rate-missing":         {`8:7|the open model has no rate`},
	"rate-over":            {`8:27|rate is 1000001; allowed: above 0, at most 1000000`},
	"rate-zero":            {`8:27|rate is 0`},
	"rate-rare":            {`8:27|rate is 0.1: no request is due in a slice of|write plan.slice and plan.warmup of at least 10s`},
	"rate-never":           {`8:27|rate is 1e-10: no request is due in the longest slice, 1m`},
	"rate-text":            {`8:27|rate wants requests per second`},
	"rate-unit":            {`8:27|rate wants requests per second`},
	"rate-share":           {`8:27|rate is "500%"; allowed: a percentage from 1% to 200%`},
	"model":                {`8:15|model "clsed" is not known|did you mean "closed"?`},
	"keepalive-yes":        {`8:50|keepalive wants true or false, found "yes"|write true`},
	"engine":               {`4:18|engine "fasthtp" is not known|did you mean "fasthttp"?`},
	"server-unknown":       {`4:18|server "bultin" is not known|did you mean "builtin"?`},
	"endpoint-url":         {`4:37|is not a path on the target`},
	"endpoint-dots":        {`4:37|holds a .. segment`},
	"endpoint-unknown":     {`4:37|"/helo" is not served, did you mean "/hello"? allowed: /hello /work`},
	"endpoint-parameter":   {`4:37|units is "0"`},
	"header-crlf":          {`8:53|the value of header "X-A" holds a line break`},
	"header-name-crlf":     {`8:48|is not the name of a header`},
	"header-own":           {`8:48|header "Content-Length" cannot be set`},
	"header-twice":         {`8:56|header "x-a" stands twice`},
	"header-control":       {`8:53|holds a control character (U+0000)`},
	"method":               {`8:47|method "get" is not known|did you mean "GET"?`},
	"mix-body":             {`6:58|a mix together with a method or a body|write method and body in the requests`},
	"mix-unknown-endpoint": {`6:49|"/nothing" is not served`},
	"mix-entries": {
		`9:27|endpoint "hello" is not a path`, `10:14|two requests are called "x"`, `10:35|unknown key "wieght"|did you mean "weight"`,
		`11:43|weight is 0; allowed: 0.001 to 1000000`, `12:14|two requests are called "y"`, `12:41|a body in a GET request`, `13:7|has no name`,
	},
	"keys-none":              {`6:7|there are no keys to draw from`},
	"keys-empty":             {`6:29|neither count nor from|write count: 1000`},
	"keys-both":              {`6:37|4 together with a file`},
	"keys-missing":           {`6:36|missing.csv: no such file`},
	"keys-unused":            {`6:29|no request has {key}`},
	"keys-value":             {`6:71|units is "bad1"`},
	"keys-range":             {`6:37|count is 100001; allowed: a whole number from 1 to 100000`, `6:51|zipf is 5; allowed: 0 to 4`},
	"body-get":               {`8:45|a body in a GET request|write method: POST`},
	"expect-status":          {`8:55|expect_status is 99; allowed: a whole number from 200 to 599`},
	"conclusions-word":       {`10:27|there is no verdict "highr"|did you mean "higher"?`},
	"conclusions-verdict":    {`10:13|there is no "verdcit"|did you mean "verdict"?`},
	"conclusions-variant":    {`10:45|there is no variant "bb"|allowed: a, b`},
	"conclusions-baseline":   {`10:12|"a" is the baseline|name one of the others`},
	"conclusions-metric":     {`10:13|there is no metric "rpz"|did you mean "rps"?`},
	"conclusions-keys":       {`10:5|the conclusion has no means`, `10:12|when wants a list`, `10:15|unknown key "text" in the conclusion|allowed: when, means, do`},
	"conclusions-unreached":  {`10:5|always holds; those after it are never shown|write it last`},
	"expect-metric":          {`10:6|there is no metric "rpss"|did you mean "rps"?`},
	"expect-variant":         {`10:19|there is no variant "c"|allowed: a, b`},
	"expect-unit":            {`10:15|needs a number with its unit`},
	"expect-grammar":         {`10:12|">>"`},
	"expect-text":            {`9:9|expect wants a list`},
	"mechanism-variant":      {`9:38|there is no variant "z"`},
	"metric":                 {`9:16|metric "p98" is not known|did you mean "p90"?`},
	"metric-count":           {`9:16|errors is a count`},
	"predict":                {`9:35|metric "rpss" is not known`, `9:50|there is no variant "d"`},
	"predict-missing":        {`9:10|predict has no metric`, `9:10|predict has no variant`},
	"quiz-correct":           {`10:5|the question has 0 correct options`},
	"quiz-two-correct":       {`10:5|the question has 2 correct options`},
	"quiz-one-option":        {`10:28|options has 1 items; allowed: 2 to 6`},
	"quiz-proof":             {`10:61|proof names scenario "wokers"|did you mean "workers"?`},
	"claims":                 {`9:15|claims wants a text, found "12"`, `9:19|such as C10, found "D4"`},
	"claims-part":            {`9:15|claim C10 stands twice`, `9:45|unknown key "prat" in the claim|did you mean "part"?`, `9:55|the claim has no part; it is required`, `9:71|such as C10, found "15"`, `9:103|part is empty`},
	"minutes":                {`9:10|minutes is 0`},
	"requires-unknown":       {`9:12|requires "ngnix" is not known|did you mean "nginx"?`},
	"steps-list":             {`9:8|steps wants a list`},
	"steps-at":               {`9:9|the step has no at; it is required`},
	"steps-unit":             {`9:14|at is 5 without a unit|write 5ms or 5s`},
	"steps-key":              {`9:18|unknown key "sets" in the step|did you mean "set"?`},
	"steps-nothing":          {`9:9|the step changes nothing|write set: {a.workers: 2}`},
	"steps-variant":          {`9:24|there is no variant "z"|allowed: all, a, b`},
	"steps-setting":          {`9:24|unknown key "wrokers"|did you mean "workers"?`},
	"steps-value":            {`9:35|workers is 65; allowed: a whole number from 1 to 64`},
	"steps-nested":           {`9:33|a.proxy is a mapping|a.proxy.keepalive: 8`},
	"steps-rule":             {`9:37|a rate in a closed model|write model: open`},
	"steps-twice":            {`9:38|setting "a.workers" stands twice`},
	"steps-order":            {`11:10|the step at 4s stands behind the one at 5s|in the order of time`},
	"steps-late":             {`10:14|the step comes at 1m, and the slices of this plan take about 14.5s|more blocks`},
	"steps-start":            {`9:26|there is no variant "c"|allowed: a, b`},
	"steps-there":            {`11:22|variant "b" is there already`},
	"steps-stop":             {`9:28|"b" is the last variant`},
	"steps-gone":             {`11:21|variant "b" is not there at this time`},
	"steps-opening":          {`9:8|no variant is there from the beginning`},
	"steps-sequential":       {`10:8|steps in order: sequential`},
	"steps-share":            {`9:57|a share of the capacity is measured in the warm-up`},
	"signal-list":            {`9:26|signal wants a mapping of signals (a.worker: TERM)`},
	"signal-variant":         {`9:27|there is no variant "z"|allowed: a, b`},
	"signal-part":            {`9:27|variant "a" has no part "proxy"|allowed: server, worker`},
	"signal-name":            {`9:37|one worker of builtin takes no signal "TTIN"|allowed: TERM, KILL, STOP, CONT`},
	"signal-none":            {`9:37|uvicorn takes no signals`},
	"signal-every":           {`9:28|only signals come in every slice|a step of their own`},
	"signal-each":            {`9:28|every "block" is not known|allowed: slice`},
	"signal-late":            {`9:14|the signal comes at 2s, and the counted part of a slice takes 1.5s|an earlier time`},
	"signal-stop":            {`9:54|a part that is told STOP must go on in the same slice|every: slice, and a step with CONT`},
	"steps-requires":         {`9:23|a proxy of kind nginx needs nginx, which requires does not name|requires: [nginx]`},
	"order":                  {`9:15|order "togethr" is not known|did you mean "together"?`},
	"restarts-many":          {`9:29|3 restarts in 3 blocks; allowed: fewer`},
	"restarts-order":         {`9:37|restarts in order: sequential`},
	"proxy-kind":             {`7:27|kind "ngnix" is not known|did you mean "nginx"?`},
	"proxy-key":              {`7:21|unknown key "kepalive" in proxy|did you mean "keepalive"?`},
	"proxy-true":             {`7:20|proxy wants a mapping (keepalive: 8), on or off, found "true"|write on`},
	"proxy-text":             {`7:20|on or off, found "nginx"`},
	"proxy-range":            {`7:32|upstreams is 1000000`, `7:52|keepalive wants a whole number from 0`},
	"proxy-enum":             {`7:30|balance "round-robin" is not known|did you mean "round_robin"?`, `7:53|upstream "udp" is not known|tcp`},
	"proxy-elsewhere":        {`7:13|unknown key "upstreams" in the variant|it is a key of proxy`},
	"proxy-duration":         {`7:35|read_timeout is 60 without a unit`},
	"proxy-body-limit":       {`7:33|body_limit is 20 without a unit|20MB`},
	"proxy-body-limit-range": {`7:33|body_limit is 20GB`},
	"proxy-inherits":         {`7:27|proxy kind small has no key balance, which target.proxy sets|move balance`},
	"proxy-gzip":             {`7:35|level is 10; allowed: a whole number from 1 to 9`, `7:39|unknown key "minimum" in gzip`, `7:58|types wants a list`},
	"proxy-metric":           {`9:26|upstream_reuse is a metric of a proxy, and variant "a" has none`},
	"tls-key":                {`7:19|unknown key "resume" in tls|it is a key of load; allowed here: resumption`},
	"tls-true":               {`4:50|tls wants a mapping (resumption: true), on or off, found "true"|write on`},
	"server-inherits":        {`7:21|server gunicorn has no key engine, which target sets|move engine`},
	"tls-metric":             {`9:16|tls_p50 is a metric of TLS, and variant "a" does without`},
	"setting-elsewhere":      {`7:13|unknown key "loop" in the variant|it is a key of server gunicorn and uvicorn`},
	"setting-enum":           {`7:36|loop "uvlop" is not known|did you mean "uvloop"?`},
	"command-text":           {`7:39|command wants a list`},
	"ready":                  {`7:68|ready "health" is not a path on the target`},
	"requires-missing":       {`7:21|server gunicorn needs gunicorn, which requires does not name|write requires: [uvicorn, gunicorn]`},
	"requires-loop":          {`7:36|loop: uvloop needs uvloop|write requires: [uvicorn, uvloop]`},
	"requires-nginx":         {`7:27|a proxy of kind nginx needs nginx|write requires: [nginx]`},
	"requires-unused":        {`9:12|requires names nginx, which no variant needs`},
	"requires-twice":         {`9:19|requires names nginx twice`},
	"twin-self":              {`9:7|twin names "bad", the scenario itself`},
	"twin":                   {`9:7|twin "Bad One" is not allowed|write bad-one`},
	"retries":                {`8:39|unknown key "retries" in load|retry`},
	"retry-number":           {`8:46|retry wants a mapping (max: 2), on or off, found "3"`},
	"retry-max":              {`8:46|retry has no max`},
	"retry-range": {
		`8:52|max is 11; allowed: a whole number from 1 to 10`, `8:64|budget is "200%"`, `8:75|on is 200; allowed: a whole number from 300`, `8:85|status 503 stands twice`,
	},
	"retry-backoff":   {`8:81|max_backoff is 1s, shorter than the first backoff of 2s`},
	"retry-jitter":    {`8:63|jitter without a backoff`},
	"retry-elsewhere": {`8:39|unknown key "backoff" in load|it is a key of retry`},
	"think-open":      {`8:39|think in an open model`},
	"think-unit":      {`8:46|think is 3 without a unit`},
	"http-keepalive":  {`8:45|HTTP/2 without keep-alive|write keepalive: true`},
	"http-pool":       {`8:54|a pool with HTTP/2`},
	"http-streams":    {`8:48|streams with HTTP/1.1|write http: 2`},
	"http-server":     {`8:45|HTTP/2 to a sample server|server: command or url`},
	"http-version":    {`8:45|http "3" is not known|1.1, 2`},
	"pool-keepalive":  {`8:63|a pool without keep-alive keeps nothing`},
	"pool-zero":       {`8:45|pool is 0`},
	"timeouts-long":   {`8:72|connect is 2s, longer than the timeout of 1s`},
	"timeouts-key":    {`8:50|unknown key "total" in timeouts`},
	"resume":          {`8:47|resume wants true or false, found "yes"|write true`},
	"matrix-variants": {`9:9|a matrix beside variants`},
	"exclude-alone":   {`9:10|exclude without a matrix`},
	"matrix-list":     {`5:9|matrix wants a mapping of keys to lists`},
	"matrix-value":    {`5:19|workers wants a list of values, found "2"|write workers: [2]`},
	"matrix-mapping":  {`5:35|a value of proxy is a mapping`},
	"matrix-key":      {`5:10|unknown key "wrokers"|did you mean "workers"?`, `5:33|unknown key "kepalive" in proxy|did you mean "keepalive"?`},
	"matrix-id":       {`5:10|id cannot be in a matrix|k8`},
	"matrix-path":     {`5:10|"workers..x" is not a key of a matrix`},
	"matrix-clash":    {`5:28|key "proxy.keepalive" of the matrix sets what "proxy" sets`},
	"matrix-twice":    {`5:26|"1" stands twice in workers`},
	"matrix-range":    {`5:32|connections is 0`},
	"matrix-many":     {`5:9|the matrix gives 20 variants; at most 16 are allowed`},
	"matrix-huge":     {`5:9|the matrix has 6561 combinations`},
	"matrix-collide":  {`5:9|two combinations of the matrix are called "wait-for-5ms": endpoint /wait?for=5ms, and endpoint /wait-for-5ms|k8`},
	"matrix-long":     {`5:9|the id of a combination is "bytes-n-1|with 48 characters; at most 40`},
	"exclude-key":     {`7:12|"worker" is not a key of the matrix|did you mean "workers"?`},
	"exclude-value":   {`7:21|workers has no value "3" in the matrix|allowed: 1, 2`},
	"exclude-all":     {`7:10|exclude leaves no variant of the matrix`},
	"exclude-list":    {`7:11|exclude wants a mapping of keys of the matrix`},
	"several": {
		`4:37|endpoint "hello"`, `4:44|unknown key "engin"|did you mean "engine"?`, `8:36|connections is 0`, `8:48|timeout is 5 without`,
		`9:15|slice is 10 without`, `9:26|order "mixed" is not known`, `10:29|there is no variant "q"`, `11:11|there is no variant "z"`,
	},
}

func TestBadFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/*.bad.yaml")
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".bad.yaml")
		there[name] = true
		t.Run(name, func(t *testing.T) {
			_, err := Find(path)
			if name == "alias-bomb" {
				if e := wantErrors(t, err); e.Omitted == 0 || len(e.Problems) != maxProblems {
					t.Errorf("%d problems and %d more, want %d and some more", len(e.Problems), e.Omitted, maxProblems)
				}
				return
			}
			want, ok := badFiles[name]
			if !ok {
				t.Fatalf("the table does not know this file; it gives\n%v", err)
			}
			e := wantErrors(t, err)
			if len(e.Problems) != len(want) {
				t.Errorf("%d problems, want %d:\n%v", len(e.Problems), len(want), e)
			}
			for i, w := range want[:min(len(want), len(e.Problems))] {
				matches(t, path, e.Problems[i], w)
			}
		})
	}
	for name := range badFiles {
		if !there[name] {
			t.Errorf("the table has %s, testdata does not", name)
		}
	}
}

func wantErrors(t *testing.T, err error) *Errors {
	t.Helper()
	var e *Errors
	if !errors.As(err, &e) || len(e.Problems) == 0 {
		t.Fatalf("the error is %v, want *Errors", err)
	}
	return e
}

// matches checks a problem against line:col|part|part.
func matches(t *testing.T, file string, p Problem, want string) {
	t.Helper()
	parts := strings.Split(want, "|")
	line := p.String()
	if prefix := file + ":" + parts[0] + ": error: "; !strings.HasPrefix(line, prefix) {
		t.Errorf("the problem is\n%s\nwant it to begin with\n%s", line, prefix)
	}
	for _, part := range parts[1:] {
		if !strings.Contains(p.Msg+"|"+p.Hint, part) {
			t.Errorf("the problem is\n%s\nhint: %s\nwant it to hold\n%s", line, p.Hint, part)
		}
	}
}

const good = `benchtop: 1
id: good
title: Nothing is wrong here
target: {server: builtin, endpoint: /hello}
variants: [{id: a}, {id: b}]
load: {model: closed, connections: 8}
`

// large inputs: what is written here would be too long for testdata.
var largeInputs = map[string]struct {
	source string
	want   string
}{
	"10,000 flow levels":       {"notes: " + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), `|nested too deeply`},
	"10,000 mappings":          {"notes: " + strings.Repeat("{a: ", 10_000), `|nested too deeply`},
	"3,000 flow levels":        {"notes: " + strings.Repeat("[", 3_000) + strings.Repeat("]", 3_000), `1:39|more than 32 levels`},
	"10,000 block levels":      {strings.Repeat("- ", 10_000) + "a", `1:65|more than 32 levels`},
	"levels by indentation":    {indented(600), `33:33|more than 32 levels`},
	"10 MB":                    {strings.Repeat("title: a scenario\n", 10<<20/18), `1:1|at most 262144`},
	"10 MB on one line":        {"title: " + strings.Repeat("x", 10<<20), `1:1|at most 262144`},
	"a bomb of 9 levels":       {bomb(9), `1:5|an anchor`},
	"too many lines":           {good + "notes: |\n  a" + strings.Repeat("\n", 200_000), `3001:1|more than 3000 lines`},
	"too many keys":            {strings.Repeat("a: b\n", 2_500), `2001:2|more than 2000 keys`},
	"a long line with a typo":  {good + "plan: {slices: 1s, " + strings.Repeat(" ", 100_000) + "blocks: 0}", `7:8|unknown key`},
	"a quote without its end":  {good + `notes: "` + strings.Repeat("a ", 100_000), `7:8|not valid YAML`},
	"a hundred thousand colon": {strings.Repeat(":", 100_000), `|nested too deeply`},
}

func indented(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func bomb(levels int) string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < levels; i++ {
		letter := string(rune('0' + i))
		last := string(rune('0' + i - 1))
		b.WriteString("a" + letter + ": &a" + letter + " [" + strings.Repeat("*a"+last+", ", 8) + "*a" + last + "]\n")
	}
	return b.String()
}

func TestLargeInputs(t *testing.T) {
	for name, c := range largeInputs {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			_, err := Parse("large.yaml", []byte(c.source))
			t.Logf("%d bytes refused in %v", len(c.source), time.Since(began))
			e := wantErrors(t, err)
			if strings.HasPrefix(c.want, "|") {
				if !strings.Contains(e.Problems[0].Msg, c.want[1:]) || e.Problems[0].Line == 0 {
					t.Errorf("the problem is %v, want it to hold %s", e.Problems[0], c.want[1:])
				}
			} else {
				matches(t, "large.yaml", e.Problems[0], c.want)
			}
			if text := e.Error(); len(text) > 20_000 {
				t.Errorf("the message has %d bytes", len(text))
			}
		})
	}
}

func TestReadRefusesWithoutReading(t *testing.T) {
	dir := t.TempDir()
	huge := filepath.Join(dir, "huge.yaml")
	f, err := os.Create(huge)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(1<<40), f.Close()); err != nil {
		t.Skipf("no sparse file of 1 TB here: %v", err)
	}
	for path, want := range map[string]string{huge: "at most 262144", dir: "not a regular file", "/dev/null": "not a regular file"} {
		_, err := Find(path)
		if e := wantErrors(t, err); !strings.Contains(e.Error(), want) {
			t.Errorf("%s: %v, want %s", path, e, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		src, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Add([]byte(good))
	f.Fuzz(func(t *testing.T, src []byte) {
		file, err := Parse("fuzz.yaml", src)
		if (file == nil) == (err == nil) {
			t.Fatalf("file %v, error %v: want exactly one", file, err)
		}
		if err == nil {
			if problems := Validate(file.Plan); len(problems) > 0 {
				t.Fatalf("an accepted file is not valid: %v", problems)
			}
			return
		}
		text := err.Error()
		for _, r := range text {
			if r != '\n' && printable.Hidden(r) {
				t.Fatalf("the message holds %s:\n%q", named(r), text)
			}
		}
		for _, p := range wantErrors(t, err).Problems {
			if p.Line < 1 || p.Col < 1 || p.Msg == "" {
				t.Fatalf("a problem without a place: %+v", p)
			}
		}
	})
}
