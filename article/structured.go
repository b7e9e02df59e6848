package article

import "fmt"

// structured takes an article as a content system holds it. Nothing is cleaned
// away: only characters that have no shape go, and ids that are missing are
// given.
func structured(src Source) (Cleaning, error) {
	a := *src.Article
	if len(a.Blocks) == 0 {
		return Cleaning{}, ErrNoArticle
	}
	a.LanguageCode = "ko"
	a.Title = hygiene(a.Title)
	a.Subtitles = hygieneAll(a.Subtitles)
	a.Bylines = hygieneAll(a.Bylines)
	a.TitleTags = hygieneAll(a.TitleTags)
	a.CopyrightNotice = hygiene(a.CopyrightNotice)
	blocks, err := identified(a.Blocks)
	if err != nil {
		return Cleaning{}, err
	}
	a.Blocks = blocks
	if !src.PublishTime.IsZero() {
		a.PublishTime = src.PublishTime.UTC()
	}
	return Cleaning{Article: a, KeptRatio: 1}, nil
}

// identified copies the blocks and gives ids to those that have none; two
// blocks with one id are an error.
func identified(in []Block) ([]Block, error) {
	taken := make(map[string]int, len(in))
	for i, b := range in {
		if b.ID == "" {
			continue
		}
		if first, dup := taken[b.ID]; dup {
			return nil, fmt.Errorf("%w: source.article.blocks[%d].id: %q is also the id of blocks[%d]", ErrInvalid, i, b.ID, first)
		}
		taken[b.ID] = i
	}
	out := make([]Block, len(in))
	ids := numbering{}
	for i, b := range in {
		if b.Kind < Paragraph || b.Kind > TableCell {
			b.Kind = Paragraph
		}
		for b.ID == "" {
			id := ids.next(b.Kind)
			if _, dup := taken[id]; !dup {
				b.ID = id
			}
		}
		b.Text, b.Credit = hygiene(b.Text), hygiene(b.Credit)
		if b.HTML != "" {
			b.HTML, b.Text = fragment(b.HTML)
		}
		out[i] = b
	}
	return out, nil
}

func hygieneAll(in []string) []string {
	if in == nil {
		return nil
	}
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = hygiene(s)
	}
	return out
}
