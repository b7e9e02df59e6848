package article

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// assemble turns the verdicts into an article and its ledger.
func (pg *page) assemble(src Source, meta metadata) (Cleaning, error) {
	out := Cleaning{Article: Article{LanguageCode: "ko", Section: meta.section, CanonicalURL: meta.canonical}}
	ids := numbering{}
	kept, total := 0, 0
	for i := range pg.pieces {
		p := &pg.pieces[i]
		total += p.size
		if p.verdict.role.Kept() {
			kept += p.size
		}
		pg.place(&out, p, ids)
	}
	if names := meta.titles(); out.Article.Title == "" && len(names) > 0 {
		out.Article.Title, out.Article.TitleTags = titleTags(names[0])
	}
	if len(out.Article.Blocks) == 0 {
		return Cleaning{}, ErrNoArticle
	}
	if total > 0 {
		out.KeptRatio = float64(kept) / float64(total)
	}
	pg.setTimes(&out.Article, src, meta)
	pg.setAuthors(&out.Article, meta)
	out.Lines = pg.report()
	out.Warnings = append(pg.warnings, pg.doubts(&out, total)...)
	return out, nil
}

// numbering gives blocks their ids: p1, p2, h1 …
type numbering map[Kind]int

func (n numbering) next(k Kind) string {
	n[k]++
	return fmt.Sprintf("%c%d", " phlqct"[k], n[k])
}

// place puts one piece where its verdict says.
func (pg *page) place(out *Cleaning, p *piece, ids numbering) {
	a := &out.Article
	switch p.verdict.role {
	case RoleTitle:
		a.Title, a.TitleTags = titleTags(oneSpace(p.text))
		return
	case RoleSubtitle:
		a.Subtitles = append(a.Subtitles, strings.TrimLeft(oneSpace(p.text), "-–—▶■◆◇•· "))
		return
	case RoleTableCell:
		pg.placeRow(a, p, ids)
		return
	case RoleBody:
		pg.placeProse(a, p, ids)
		return
	case RoleSubhead, RoleListItem, RoleQuote, RoleCaption:
		k := p.verdict.role.kind()
		b := Block{ID: ids.next(k), Kind: k, Text: oneSpace(p.text)}
		b.HTML = pg.markup(p, 0, len(p.text))
		if k == Caption {
			b.Text, b.Credit = captionParts(b.Text)
		}
		a.Blocks = append(a.Blocks, b)
		return
	case RoleByline:
		a.Bylines = append(a.Bylines, strings.TrimRight(p.text, " =|ㅣ│"))
	case RoleDate:
		if b := bylineIn(p.text); b != "" {
			a.Bylines = append(a.Bylines, b)
		}
	case RoleCopyright:
		if a.CopyrightNotice == "" || len(p.text) > len(a.CopyrightNotice) && p.verdict.rule == "ko.notice.copyright" && !strings.ContainsAny(a.CopyrightNotice, "©ⓒ") {
			a.CopyrightNotice = p.text
		}
	}
	out.Removals = append(out.Removals, Removal{p.line, p.text, p.verdict.reason, p.verdict.rule})
}

// markup renders a part of a piece; "" where it has no inline markup.
func (pg *page) markup(p *piece, from, to int) string {
	if p.hint == nil || len(p.hint.marks) == 0 {
		return ""
	}
	return render(pg.lines[p.at].text, p.from+from, p.from+to, p.hint.marks)
}

// flattened is the length, in characters without spaces, from which a line is
// taken for several paragraphs run together, and about the length of the
// paragraphs into which it is divided where nothing shows the old ones.
const (
	flattened   = 500
	newSentence = 180
)

// placeProse makes a paragraph of a piece, or several of one that a portal has
// run together. Where a sentence starts right behind a stop, without a space, a
// paragraph began.
func (pg *page) placeProse(a *Article, p *piece, ids numbering) {
	add := func(from, to int) {
		s := trimSpan(p.text, Span{from, to})
		if s.Start < s.End {
			a.Blocks = append(a.Blocks, Block{ID: ids.next(Paragraph), Kind: Paragraph, Text: oneSpace(p.text[s.Start:s.End]), HTML: pg.markup(p, s.Start, s.End)})
		}
	}
	if p.size < flattened {
		add(0, len(p.text))
		return
	}
	start := 0
	sentences(p.text, func(from, to int) {
		glued := to < len(p.text) && p.text[to] != ' '
		long := utf8.RuneCountInString(p.text[start:to]) >= newSentence
		if glued || long {
			add(start, to)
			start = to
		}
	})
	add(start, len(p.text))
}

// bylineIn returns the byline that stands before the time on one line with it.
func bylineIn(s string) string {
	found := stamps(s)
	if len(found) == 0 {
		return ""
	}
	b := strings.Trim(s[:found[0].from], " |·ㅣ/,")
	b = strings.TrimSpace(strings.TrimPrefix(b, "기자명"))
	if isByline(b) && hasRole(b) {
		return b
	}
	return ""
}

// captionParts splits off the credit unless nothing would be left of the text.
func captionParts(s string) (text, credit string) {
	text, credit = splitCredit(s)
	if text == "" {
		return s, credit
	}
	return text, credit
}

// placeRow makes a block of each cell of a table's row.
func (pg *page) placeRow(a *Article, p *piece, ids numbering) {
	for _, c := range cells(p.text) {
		a.Blocks = append(a.Blocks, Block{ID: ids.next(TableCell), Kind: TableCell, Text: c})
	}
}

func (r Role) kind() Kind {
	switch r {
	case RoleSubhead:
		return Subhead
	case RoleListItem:
		return ListItem
	case RoleQuote:
		return Quote
	case RoleCaption:
		return Caption
	case RoleTableCell:
		return TableCell
	}
	return Paragraph
}

// setTimes takes the caller's time, else the markup's, else the page's. Among
// the page's the one nearest above the body counts; a label says which is which.
func (pg *page) setTimes(a *Article, src Source, meta metadata) {
	a.PublishTime, a.UpdateTime = pg.pageTimes()
	if t, ok := metaTime(meta.published); ok {
		a.PublishTime = t
	}
	if t, ok := metaTime(meta.updated); ok {
		a.UpdateTime = t
	}
	if !src.PublishTime.IsZero() {
		a.PublishTime = src.PublishTime.UTC()
	}
	if a.UpdateTime.Equal(a.PublishTime) {
		a.UpdateTime = time.Time{}
	}
}

// metaTime reads a time of the markup: ISO 8601, or what the page prints.
func metaTime(s string) (time.Time, bool) {
	if t, err := time.ParseInLocation("20060102150405", strings.TrimSpace(s), KST); err == nil {
		return t.UTC(), true
	}
	if found := stamps(strings.TrimSpace(s)); len(found) > 0 && found[0].precise {
		return found[0].at, true
	}
	return time.Time{}, false
}

func (pg *page) pageTimes() (published, updated time.Time) {
	label := "" // a label alone on its line belongs to the time below it
	rank := 0
	for i := range pg.pieces {
		p := &pg.pieces[i]
		if p.look != lookDate && p.size <= 12 {
			if l := bareLabel(p.text); l != "" {
				label = l
			}
			continue
		}
		if p.look != lookDate {
			continue
		}
		found, _ := dateLine(p.text)
		for _, st := range found {
			isUpdate := st.updated || !st.labelled && label == "updated"
			switch r := pg.timeRank(i, st, label != ""); {
			case isUpdate && (updated.IsZero() || i < pg.core.from):
				updated = st.at
			case !isUpdate && r > rank:
				published, rank = st.at, r
			}
		}
		label = ""
	}
	return published, updated
}

// timeRank orders the page's times: labelled before bare, near the headline
// before far, with an hour before without.
func (pg *page) timeRank(i int, st stamp, labelAbove bool) int {
	r := 1
	if st.precise {
		r += 2
	}
	if st.labelled || labelAbove {
		r += 4
	}
	if i > pg.title.to && (pg.core.empty() || i < pg.core.from) && !pg.title.empty() {
		r += 8
	} else if i > pg.core.to+6 && !pg.core.empty() {
		r -= 3
	}
	return r
}

// bareLabel reads a line that is only a label.
func bareLabel(s string) string {
	s = strings.Trim(s, " :：.·|")
	for _, l := range dateLabels() {
		if s == l.text {
			if l.updated {
				return "updated"
			}
			return "published"
		}
	}
	return ""
}

func (pg *page) setAuthors(a *Article, meta metadata) {
	seen := map[string]int{}
	for _, b := range a.Bylines {
		for _, who := range authors(b) {
			if who.Name == "" && len(a.Authors) == 1 {
				merge(&a.Authors[0], who) // a mail address alone is the only author's
				continue
			}
			k := who.Name + who.Email
			if who.Name != "" {
				k = who.Name
			}
			if i, ok := seen[k]; ok {
				merge(&a.Authors[i], who)
				continue
			}
			seen[k] = len(a.Authors)
			a.Authors = append(a.Authors, who)
		}
	}
	if len(a.Authors) > 0 {
		return
	}
	for _, name := range meta.authors {
		a.Authors = append(a.Authors, authors(name+" 기자")...)
	}
}

// merge fills what the first mention of an author left open.
func merge(into *Author, more Author) {
	if into.Email == "" {
		into.Email = more.Email
	}
	if into.Role == "" {
		into.Role = more.Role
	}
	if into.Agency == "" {
		into.Agency = more.Agency
	}
}

// report lists every line with its verdict.
func (pg *page) report() []Line {
	out := make([]Line, 0, len(pg.lines))
	next := 0
	for n, l := range pg.lines {
		line := Line{Number: l.number, Text: l.text}
		longest, gone := -1, -1
		for next < len(pg.pieces) && pg.pieces[next].at == n {
			p := &pg.pieces[next]
			next++
			if p.size > longest {
				longest, line.Role = p.size, p.verdict.role
			}
			line.Doubt = line.Doubt || p.verdict.doubt
			if p.verdict.role.Kept() {
				line.Kept = append(line.Kept, Span{p.from, p.to})
			} else if p.size > gone {
				gone, line.Rule, line.Reason = p.size, p.verdict.rule, p.verdict.reason
			}
		}
		out = append(out, line)
	}
	return out
}

// Bounds outside which the amount that was kept is worth a warning.
const (
	littleKept = 0.03
	shortBody  = 40
)

// doubts says what a person should look at.
func (pg *page) doubts(out *Cleaning, total int) []string {
	var list []string
	body := 0
	for _, b := range out.Article.Blocks {
		body += utf8.RuneCountInString(b.Text)
	}
	if out.Article.Title == "" {
		list = append(list, "No headline was found.")
	}
	if out.Article.PublishTime.IsZero() {
		list = append(list, "The page does not say when the article was published.")
	}
	if total > 2000 && out.KeptRatio < littleKept {
		list = append(list, fmt.Sprintf("Only %.0f %% of the page was kept; check that nothing is missing.", out.KeptRatio*100))
	}
	if body < shortBody {
		list = append(list, "The body is shorter than a sentence or two.")
	}
	if pg.core.empty() {
		list = append(list, "The page has no running text; its lines were taken from below the headline.")
	}
	lost, doubtful := 0, 0
	for i := range pg.pieces {
		p := &pg.pieces[i]
		if p.verdict.role.Kept() {
			lost += strings.Count(p.text, string(lostRune))
		}
		if p.verdict.doubt {
			doubtful++
		}
	}
	if lost > 0 {
		list = append(list, fmt.Sprintf("%d characters of the article were lost before it arrived (U+FFFD).", lost))
	}
	if doubtful > 0 {
		list = append(list, fmt.Sprintf("%d lines were kept although they may not belong to the article.", doubtful))
	}
	return list
}
