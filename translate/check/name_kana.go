package check

import (
	"iter"
	"strings"
)

// kanaNames are katakana words with a middle dot between them.
func (p *pair) kanaNames() []properName {
	var names []properName
	for i := 0; i < len(p.target); i++ {
		if !isKatakana(p.target[i]) {
			continue
		}
		n := properName{span: Span{Start: i}}
		for i < len(p.target) && isKatakana(p.target[i]) {
			start := i
			for i < len(p.target) && isKatakana(p.target[i]) {
				i++
			}
			n.add(string(p.target[start:i]), kanaSound(p.target[start:i]))
			n.span.End = i
			if i < len(p.target) && (p.target[i] == '・' || p.target[i] == '＝') {
				i++
			}
		}
		if n.korean = strings.Contains(koreanKana, " "+n.words[0]+" "); n.korean {
			for k, word := range n.words {
				n.sounds[k] = koreanKanaSound([]rune(word))
			}
		}
		if len(n.words) >= 2 && len(n.words) <= 3 && n.span.End-n.span.Start <= longestKana && p.mayBePersonInKana(n) {
			names = append(names, n)
		}
	}
	return names
}

// longestKana is how long a name in katakana is; longer rows are loan words.
const longestKana = 14

func isKatakana(c rune) bool { return 'ァ' <= c && c <= 'ヺ' || c == 'ー' }

// koreanKanaSound is the sound of katakana that write a Korean name: フ is 후.
func koreanKanaSound(word []rune) sound {
	return kanaSound([]rune(strings.NewReplacer("ファ", "ア", "フィ", "イ", "フェ", "エ", "フォ", "オ", "フ", "ウ").Replace(string(word))))
}

// koreanKana are the commonest Korean surnames in katakana.
const koreanKana = " キム イ パク チェ チョン カン チョ ユン チャン イム ハン オ ソ シン クォン ファン アン ソン リュ ユ ホン コ ムン ヤン ペ ペク ホ ナム シム ノ ハ クァク チャ チュ ウ ミン ナ チ チン オム ウォン "

// mayBePersonInKana tells a person from what else is written with a middle dot:
// things with an article, and what a kanji behind it makes an institution or a
// place.
func (p *pair) mayBePersonInKana(n properName) bool {
	if len([]rune(n.words[0])) == 1 && !n.korean {
		return false
	}
	return n.span.End == len(p.target) || !strings.ContainsRune("党社誌紙局法賞杯州市郡島湾川山駅線号型系語教派軍", p.target[n.span.End])
}

// spokenKana are the words in katakana with their sounds, if there is a name to be
// judged beside them.
func (p *pair) spokenKana(names []properName) []spoken {
	if len(names) == 0 {
		return nil
	}
	return p.kanaSounds()
}

// kanaSounds are the words in katakana with their sounds.
func (p *pair) kanaSounds() (list []spoken) {
	for w := range p.kanaWords() {
		list = append(list, spoken{w, kanaSound(p.target[w.Start:w.End])})
	}
	return list
}

// kanaWords yields where the target has katakana, two or more in a row.
func (p *pair) kanaWords() iter.Seq[Span] {
	return func(yield func(Span) bool) {
		for i := 0; i < len(p.target); i++ {
			start := i
			for i < len(p.target) && isKatakana(p.target[i]) {
				i++
			}
			if i > start+1 && !yield(Span{start, i}) {
				return
			}
		}
	}
}
