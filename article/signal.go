package article

// signal says cheaply, in one pass over a line, which of the dearer questions
// are worth asking about it.
type signal uint8

const (
	signalRights   signal = 1 << iota // a word that stands in rights lines
	signalReporter                    // a word that stands in bylines, credits and sign-offs
	signalPicture                     // a word that names the source of a picture
)

// signals looks at pairs of neighbouring characters.
func signals(s string) signal {
	var found signal
	var before rune
	for _, r := range s {
		switch r {
		case '단': // 무단
			found |= when(before == '무', signalRights)
		case '포': // 배포
			found |= when(before == '배', signalRights)
		case '권': // 저작권
			found |= when(before == '작', signalRights)
		case '©', 'ⓒ', 'Ⓒ':
			found |= signalRights | signalPicture
		case 'g', 'G': // Copyright, rights
			found |= when(before == 'i' || before == 'I', signalRights)
		case '자', '집', '재': // 기자, 편집, 취재
			found |= when(before == '기' || before == '편' || before == '취', signalReporter)
		case '원', '커', '서', '터': // 특파원, 위원, 통신원, 앵커, 아나운서, 리포터, 에디터
			found |= when(before == '파' || before == '위' || before == '신' || before == '앵' || before == '운' || before == '포' || before == '디', signalReporter)
		case '트', 'D', '디', '팀': // 칼럼니스트, PD, 피디, 취재팀
			found |= when(before == '스' || before == 'P' || before == '피' || before == '재', signalReporter)
		case '@', ':', '：', '글':
			found |= signalReporter
		case '다': // …입니다
			found |= when(before == '니', signalReporter)
		case '진', '픽', '공', '지', '상': // 사진, 그래픽, 제공, 이미지, 영상
			found |= when(before == '사' || before == '래' || before == '제' || before == '미' || before == '영', signalPicture)
		}
		before = r
	}
	return found
}

func when(ok bool, s signal) signal {
	if ok {
		return s
	}
	return 0
}
