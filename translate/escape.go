package translate

import (
	"regexp"
	"strings"
)

// steering matches what means something to the prompt, to a chat template or to
// the reading of the answer, and must not mean it when it stands in an article.
var steering = regexp.MustCompile(
	`\[{2,}|\]{2,}|<{3,}|>{3,}` + // markers and fence
		`|<\||\|>|</?s>|\[/?INST\]|<</?SYS>>|</?(?:start|end)_of_turn>` + // chat templates
		`|(?i:</?think(?:ing)?>)` +
		`|</?x\d+/?>` + // markup tokens
		`|[\[【][A-Za-z]\d{0,4}[\]】]` + // what looks like a marker
		"|```")

// lookalikes are full-width forms that people read alike and machines do not.
var lookalikes = strings.NewReplacer(
	"[", "［", "]", "］", "<", "＜", ">", "＞", "|", "｜", "【", "〔", "】", "〕", "`", "｀")

// escaper hides steering marks of one segment and brings them back in its
// translation. Full-width brackets that the segment has itself stay what they are.
type escaper struct {
	pairs []string // lookalike, original, …; one character each
}

func (e *escaper) hide(text string) string {
	if !maySteer(text) {
		return text
	}
	return steering.ReplaceAllStringFunc(text, func(mark string) string {
		for _, c := range mark {
			original := string(c)
			lookalike := lookalikes.Replace(original)
			if lookalike != original && !strings.Contains(text, lookalike) {
				e.pairs = append(e.pairs, lookalike, original)
			}
		}
		return lookalikes.Replace(mark)
	})
}

// maySteer reports whether a text has a character with which a steering mark begins.
// Hardly one of news has, and the expression takes longer than all else that is done
// with a text before the model is asked.
func maySteer(text string) bool {
	return strings.ContainsAny(text, "[]<>`") || strings.Contains(text, "【")
}

func (e *escaper) reveal(text string) string {
	if len(e.pairs) == 0 {
		return text
	}
	return strings.NewReplacer(e.pairs...).Replace(text)
}
