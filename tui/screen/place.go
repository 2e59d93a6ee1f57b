package screen

import (
	"benchtop/lab"
	"benchtop/lab/follow"
)

// PlaceOf is a place on the way through the lesson of a plan; nil: of none.
func PlaceOf(place string, plan *lab.Plan) follow.Where {
	w := follow.Where{Place: place}
	if plan != nil {
		w.Scenario, w.Title = plan.ID, plan.Title
	}
	return w
}
