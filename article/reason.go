package article

// Reason says why something on the page is not part of the article. The values
// are those of Removal.Reason in api/yeok/v1/article.proto, in its order.
type Reason uint8

// The reasons, each described where the API describes it.
const (
	ReasonUnspecified Reason = iota
	Navigation
	FontSizeWidget
	ShareWidget
	PlayerWidget
	ImageWidget
	Summary
	Counter
	ReporterBox
	RelatedArticles
	Ranking
	Advertisement
	Comments
	Dialog
	ReportForm
	Subscription
	Notice
	LanguagePicker
	Tags
	Date
	Byline
	Copyright
	Duplicate
	Stray
	Hidden
	OutsideArticle
	TitleDecoration
	Footer
)

// String returns the name that the API uses: FONT_SIZE_WIDGET.
func (r Reason) String() string {
	names := reasonNames()
	if int(r) < len(names) {
		return names[r]
	}
	return names[ReasonUnspecified]
}

func reasonNames() []string {
	return []string{
		"REASON_UNSPECIFIED", "NAVIGATION", "FONT_SIZE_WIDGET", "SHARE_WIDGET",
		"PLAYER_WIDGET", "IMAGE_WIDGET", "SUMMARY", "COUNTER", "REPORTER_BOX",
		"RELATED_ARTICLES", "RANKING", "ADVERTISEMENT", "COMMENTS", "DIALOG",
		"REPORT_FORM", "SUBSCRIPTION", "NOTICE", "LANGUAGE_PICKER", "TAGS", "DATE",
		"BYLINE", "COPYRIGHT", "DUPLICATE", "STRAY", "HIDDEN", "OUTSIDE_ARTICLE",
		"TITLE_DECORATION", "FOOTER",
	}
}

// parseReason reads the name that String prints; ok is false for another word.
func parseReason(name string) (r Reason, ok bool) {
	for i, n := range reasonNames() {
		if n == name {
			return Reason(i), true
		}
	}
	return ReasonUnspecified, false
}
