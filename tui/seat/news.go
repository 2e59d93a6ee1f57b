package seat

import "benchtop/lab/class"

// learn tells the person what the trainer has just done, on whatever screen that is, and turns to it. Who is elsewhere has a word of it at
// the foot until the class is looked at.
func (s *seat) learn(before *class.Stage) {
	here := s.desk.Shows(s)
	if here {
		s.guest.news = ""
	}
	text, word := "", ""
	switch {
	case s.stage.Lesson != nil && number(&s.stage) != number(before):
		s.page, s.question = lesson, 0
		if number(before) == 0 && here {
			return // it is what is looked at
		}
		a := "another lesson"
		if number(before) == 0 {
			a = "a lesson"
		}
		text, word = "the trainer offers "+a+": "+s.stage.Lesson.Title, a
	case s.stage.AnswersOpen && !before.AnswersOpen:
		s.page = answers
		text, word = "the trainer has opened the answers to the quiz", "answers open"
	case s.stage.PredictionsOpen && !before.PredictionsOpen:
		s.page = predictions
		text, word = "the trainer has opened the predictions", "predictions open"
	default:
		return
	}
	if !here {
		s.guest.news = word
		text += "; K leads there"
	}
	s.desk.Point(text)
}
