package check

import (
	"strings"
	"sync"
	"unicode/utf8"

	_ "embed"
)

//go:embed data/deaths.txt
var deathData string

// deathWords are the words that say that somebody died, by language; those that
// say it whatever stands beside them are the sure ones.
var deathWords = sync.OnceValue(func() map[string]*wordTable {
	lists := wordLists(deathData)
	tables := make(map[string]*wordTable)
	for kind := range lists {
		if code, ok := strings.CutSuffix(kind, " sure"); ok {
			tables[code] = newWordTable(lists[kind], lists[code+" any"])
		}
	}
	return tables
})

// death finds a translation in which somebody dies who does not in the source, or
// the other way round: a small model makes the dead of the hurt. Measured on 1,007
// NTREX sentences: 1 alarm in Japanese and in Vietnamese, where the one text leaves
// open what the other says.
func death(p *pair) {
	inSource, inTarget := saysDeath(p.Source, "ko"), saysDeath(p.lower, p.language.Code)
	if word := inTarget.sure; word != "" && !inSource.any {
		p.report(Novelty, Error, Span{}, p.find(p.target, word), "The translation says that somebody died, and the source does not.")
	}
	if word := inSource.sure; word != "" && !inTarget.any {
		p.report(Novelty, Error, p.find(p.source, word), Span{}, "The source says that somebody died, and the translation does not.")
	}
}

// dying is what a text says of death: its first sure word, and whether it has any.
type dying struct {
	sure string
	any  bool
}

func saysDeath(text, code string) dying {
	var d dying
	table := deathWords()[code]
	if table == nil {
		return d
	}
	table.find(text, func(word tableWord) bool {
		d.any = true
		if word.sure {
			d.sure = word.text
		}
		return d.sure == ""
	})
	return d
}

// find is where the word, in lower case, stands first in a text that holds it.
func (p *pair) find(text []rune, word string) Span {
	lower := strings.ToLower(string(text))
	i := strings.Index(lower, word)
	if i < 0 {
		return Span{}
	}
	start := utf8.RuneCountInString(lower[:i])
	end := min(start+utf8.RuneCountInString(word), len(text))
	return Span{min(start, end), end}
}
