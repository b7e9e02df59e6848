// Package language holds what yeok knows of each language, one data file a
// language: names, script, number words, length bounds, style sheet.
//
// The one idea to know: a language reads its own numbers. Quantities finds every
// number of a text by value, whatever the language writes it as, and facts,
// prompt and checks all use the same reading.
package language

import (
	"slices"
	"strings"
)

// Script is the writing system of a language's ordinary text.
type Script string

// The scripts that the checks can tell apart.
const (
	Hangul     Script = "Hang"
	Han        Script = "Hans" // simplified
	Japanese   Script = "Jpan" // kana and kanji
	Latin      Script = "Latn" // without marks worth counting
	Vietnamese Script = "Viet" // Latin with Vietnamese marks
)

// Language is one language as its data file describes it. Values are shared and
// must not be changed.
type Language struct {
	Code        string   `yaml:"code"`          // canonical BCP-47
	Name        string   `yaml:"name"`          // English name
	NativeName  string   `yaml:"native_name"`   // the language's name for itself
	Aliases     []string `yaml:"aliases"`       // other codes that mean this language
	StyleSheet  string   `yaml:"style_sheet"`   // rules of the house for the prompt, at most ~150 tokens
	Disclosure  string   `yaml:"disclosure"`    // the sentence that says that a machine translated
	TokensAChar float64  `yaml:"tokens_a_char"` // tokens a character, an upper estimate over tokenizers

	Script    Script   `yaml:"script"`
	Length    Length   `yaml:"length"`
	Sentence  string   `yaml:"sentence"`  // the marks that end a sentence
	Hedges    []string `yaml:"hedges"`    // lower case; words that keep a claim a claim
	Preambles []string `yaml:"preambles"` // lower case; how models announce a translation instead of giving it
	Openers   []string `yaml:"openers"`   // lower case; what a model says before it, and a quotation too
	Refusals  []string `yaml:"refusals"`  // lower case; how models decline
	Apologies []string `yaml:"apologies"` // lower case; how a refusal may begin, and a quotation too
	Relative  Relative `yaml:"relative"`  // of the source language only
	Relating  []string `yaml:"relating"`  // of the source language only; between numbers that other languages name the other way round

	Typography    Typography `yaml:"typography"`
	Abbreviations []string   `yaml:"abbreviations"` // lower case, without the stop that they end in
	PartOf        []string   `yaml:"part_of"`       // of the source language only; between a whole and a part of it: 10명 중 7명
	Previous      []string   `yaml:"previous"`      // of the target languages; lower case; the quarter before the one that was named

	words *lexicon
	style numberStyle
}

// Relative are the words that name a date without its number, so that a
// translation may add the number: 지난해 is 2023.
type Relative struct {
	Years  []string `yaml:"years"`
	Months []string `yaml:"months"`
	Days   []string `yaml:"days"`
}

// Band is the least and the greatest length of a translation, in characters of
// the target for one of the Korean source, white space runs counted as one.
type Band struct{ Min, Max float64 }

// Length holds the bands by the size of the source: the percentiles 0.5 and 99.5
// of NTREX-128, with a margin for freer wording.
type Length struct {
	Typical  float64 `yaml:"typical"`  // the median of a sentence
	Headline Band    `yaml:"headline"` // headlines, captions, items, and anything under 20 characters
	Short    Band    `yaml:"short"`    // 20 to 60 characters
	Long     Band    `yaml:"long"`     // over 60 characters
	Document Band    `yaml:"document"` // a whole article
}

// Targets are the languages that yeok translates into, in the order in which
// they are offered.
func Targets() []*Language {
	return slices.Clone(catalogue().targets)
}

// Korean is the source language. It is no target.
func Korean() *Language { return catalogue().korean }

// Lookup finds a target language by its code or one of its aliases, in any case
// and with - or _ between the parts. The source language is not found.
func Lookup(code string) (*Language, bool) {
	l, ok := catalogue().byCode[canonical(code)]
	return l, ok
}

func canonical(code string) string {
	return strings.ReplaceAll(strings.ToLower(code), "_", "-")
}
