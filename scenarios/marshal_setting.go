package scenarios

import (
	"maps"
	"reflect"
	"slices"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/targets"
	"benchtop/targets/setting"
)

// putAll writes the settings of rows that are no defaults into a mapping.
func (n *node) putAll(rows []setting.Setting, owner any) *node {
	for i := range rows {
		if s := &rows[i]; s.Always || s.Needed || !s.IsDefault(owner) {
			n.put(s.Key, settingNode(s, owner))
		}
	}
	return n
}

// settingNode writes the value of a setting as a file has it; nil: there is nothing to write.
func settingNode(s *setting.Setting, owner any) *node {
	switch s.Form() {
	case lab.TypeRate:
		return rateNode(owner.(*lab.Load))
	case lab.TypeStages:
		return stagesNode(owner.(*lab.Load).Stages)
	case lab.TypeAgents:
		return agentsNode(owner.(*lab.Load).Agents)
	case lab.TypeHeader, lab.TypeHeaderEnv:
		return headerNode(s.Value(owner).([][2]string))
	case setting.Group:
		group, _ := s.Get(owner)
		return switchedNode(s.Rows, group)
	case typeObject:
		object, _ := s.Get(owner)
		return mapNode().putAll(s.Rows, object)
	case setting.Objects, typeSteps:
		return objectsNode(s, owner)
	case typeClaims:
		return claimsNode(owner.(*lab.Plan).Claims)
	case typeSet, typeSignal:
		return setNode(s.Value(owner).([]string))
	}
	switch x := s.Value(owner).(type) {
	case bool:
		return truthNode(x)
	case int, uint64:
		return numberNode(s.Write(x))
	case float64:
		if s.Form() == setting.Number {
			return floatNode(x)
		}
		return textNode(s.Write(x))
	case []string:
		if s.Form() == typeWhen && len(x) == 1 {
			return textNode(x[0])
		}
		return textsNode(x)
	case []int:
		out := listNode()
		for _, v := range x {
			out.items = append(out.items, intNode(v))
		}
		return out
	default:
		return textNode(s.Write(x))
	}
}

func objectsNode(s *setting.Setting, owner any) *node {
	out := listNode()
	for _, item := range s.Items(owner) {
		out.items = append(out.items, mapNode().putAll(s.Rows, item))
	}
	return out
}

// switchedNode writes the settings of a part that is a mapping, or on where nothing of it has to be said.
func switchedNode(rows []setting.Setting, owner any) *node {
	n := mapNode()
	for i := range rows {
		if _, set := rows[i].Get(owner); set {
			n.put(rows[i].Key, settingNode(&rows[i], owner))
		}
	}
	if len(n.pairs) == 0 {
		return textNode("on")
	}
	return n
}

// targetNode writes a target: its server, and whatever else is not a default.
func targetNode(s *targets.Spec) *node {
	least := leastSpec(*s)
	server, _ := targets.Lookup(s.Server)
	n := mapNode()
	n.put("server", textNode(least.Server))
	for i := range server.Settings {
		if row := &server.Settings[i]; !unset(row, &least) {
			n.put(row.Key, settingNode(row, &least))
		}
	}
	for _, around := range targets.AroundSettings() {
		if !unset(&around, &least) {
			n.put(around.Key, settingNode(&around, &least))
		}
	}
	if p := least.Proxy; p != nil {
		kind, _ := targets.LookupProxy(s.Proxy.Kind)
		n.put("proxy", switchedNode(proxyKeys(kind.Settings), p))
	}
	if len(least.Services) > 0 {
		services := mapNode()
		for _, name := range slices.Sorted(maps.Keys(least.Services)) {
			part := least.Services[name]
			kind, _ := targets.LookupService(part.Kind)
			service := mapNode()
			service.put("kind", textNode(part.Kind))
			service.putAll(kind.Settings, kind.Owned(part))
			services.put(name, service)
		}
		n.put("services", services)
	}
	return n
}

func unset(s *setting.Setting, owner any) bool {
	_, set := s.Get(owner)
	return !set
}

// leastSpec drops every setting without which the target is the same.
func leastSpec(s targets.Spec) targets.Spec {
	s.Listen, s.Nonce, s.Variant, s.AllowExec = "", "", "", false
	want, problems := targets.Check(s)
	if len(problems) > 0 {
		return s
	}
	same := func() bool {
		got, problems := targets.Check(s)
		return len(problems) == 0 && reflect.DeepEqual(got, want)
	}
	var drop func(rows []setting.Setting, owner any)
	drop = func(rows []setting.Setting, owner any) {
		for i := range rows {
			row := &rows[i]
			value, set := row.Get(owner)
			switch {
			case !set:
			case row.Form() == setting.Group:
				drop(row.Rows, row.Open(owner))
			default:
				if row.Clear(owner); !same() {
					row.Set(owner, value)
				}
			}
		}
	}
	server, _ := targets.Lookup(s.Server)
	drop(server.Settings, &s)
	drop(targets.AroundSettings(), &s)
	if s.Proxy != nil {
		p := *s.Proxy
		s.Proxy = &p
		kind, _ := targets.LookupProxy(p.Kind)
		drop(kind.Settings, s.Proxy)
		if p.Kind == builtinProxy {
			s.Proxy.Kind = ""
		}
	}
	return s
}

// loadNode writes a load: model and connections, and whatever else is not a default.
func loadNode(l lab.Load) *node {
	if l.Arrivals == load.Constant { // as an open load has it
		l.Arrivals = ""
	}
	return mapNode().putAll(lab.LoadSettings(), &l)
}

func rateNode(l *lab.Load) *node {
	switch {
	case l.RateShare > 0:
		return textNode(setting.Percent(l.RateShare))
	case l.Rate > 0 && len(l.Stages) == 0:
		return floatNode(l.Rate)
	}
	return nil
}

// agentsNode writes which machines are to drive a load.
func agentsNode(wanted string) *node {
	a, err := load.ParseAgents(wanted)
	switch {
	case wanted == "" || err != nil:
		return nil
	case a.Count > 0:
		return intNode(a.Count)
	case a.All:
		return textNode(wanted)
	}
	return textsNode(a.Names)
}

// stagesNode writes every stage with its rate, and to where it differs.
func stagesNode(stages load.Stages) *node {
	if len(stages) == 0 {
		return nil
	}
	out := listNode()
	for i := range stages {
		n := mapNode()
		for _, row := range lab.StageSettings() {
			if row.Key != "to" || stages[i].To != stages[i].Rate {
				n.put(row.Key, settingNode(&row, &stages[i]))
			}
		}
		out.items = append(out.items, n)
	}
	return out
}

func headerNode(all [][2]string) *node {
	if len(all) == 0 {
		return nil
	}
	header := mapNode()
	for _, h := range all {
		header.put(h[0], textNode(h[1]))
	}
	return header
}
