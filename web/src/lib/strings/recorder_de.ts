/**
 * What the recorder says in English, in German: its sentences ("{}" stands for what it fills in) and ours ("{1}" is the first
 * of these, "{2}" the second). recorder_de.test.ts looks whether the recorder still says so.
 */
const kSentences: readonly (readonly [string, string])[] = [
  ['something went wrong in the server; its log says what', 'Im Rekorder ging etwas schief; seine Systemmeldungen sagen, was.'],
  ['log in first', 'Bitte zuerst anmelden.'],
  ['the session is over; log in again', 'Die Sitzung ist zu Ende; bitte neu anmelden.'],
  ['"{}" is missing: a time like 2026-03-01T12:00:00Z', '„{1}“ fehlt: eine Zeit wie 2026-03-01T12:00:00Z.'],
  ['"{}" is not a time like 2026-03-01T12:00:00Z', '„{1}“ ist keine Zeit wie 2026-03-01T12:00:00Z.'],
  ['"to" must be later than "from"', 'Das Ende muss nach dem Anfang liegen.'],
  ['the span is longer than {} hours; ask for less at once', 'Der Zeitraum ist länger als {1} Stunden; bitte einen kürzeren wählen.'],
  ['place {} needs a "name": one line of 1 to {} bytes', 'Linie oder Zone {1} braucht einen Namen: eine Zeile mit 1 bis {2} Bytes.'],
  ['{} lines and zones; {} are the most', '{1} Linien und Zonen; höchstens {2} sind möglich.'],
  ['place {} is not drawn any more; look at the places as they are now', 'Linie oder Zone {1} gibt es nicht mehr; bitte den jetzigen Stand ansehen.'],
  ['a line begins where it ends; draw it to another point', 'Eine Linie beginnt, wo sie endet; bitte zu einem anderen Punkt ziehen.'],
  [
    'nothing is counted at this camera; its owner would say so with the key activity: in the config',
    'An dieser Kamera wird nicht gezählt; das schaltet der Betreiber mit activity: in der Konfiguration ein.',
  ],
  ['the ledger has no such file (yet)', 'Das Protokoll hat diese Datei (noch) nicht.'],
  ['there is no export with the number {}', 'Es gibt keinen Export mit der Nummer {1}.'],
  ['{} areas; {} are the most', '{1} Bereiche; höchstens {2} sind möglich.'],
  ['area {}: {}', 'Bereich {1}: {2}'],
  [
    'that proposal does not wait any more; look at the masks as they are now',
    'Dieser Vorschlag wartet nicht mehr; bitte die Masken ansehen, wie sie jetzt sind.',
  ],
  [
    'two must agree to less cover; somebody else has to say yes to your proposal',
    'Weniger zu verdecken braucht zwei Personen; jemand anderes muss dem Vorschlag zustimmen.',
  ],
  ['nothing was recorded in that span', 'In diesem Zeitraum wurde nichts aufgezeichnet.'],
  [
    'there is not enough free space for an export of {} MB; export a shorter span',
    'Für einen Export von {1} MB reicht der freie Platz nicht; bitte einen kürzeren Zeitraum wählen.',
  ],
  [
    'from {} on it is sealed to other keyholders; request the times before and after apart',
    'Ab {1} ist für andere Schlüsselinhaber versiegelt; bitte die Zeiten davor und danach getrennt anfordern.',
  ],
  ['so many keyholders refused that the others are too few', 'So viele Schlüsselinhaber haben abgelehnt, dass die übrigen nicht reichen.'],
  ['there is no request {}', 'Es gibt keinen Antrag {1}.'],
  ['there is no camera "{}"', 'Es gibt keine Kamera „{1}“.'],
  ['nothing is sealed of "{}" between {} and {}', 'Von „{1}“ ist zwischen {2} und {3} nichts versiegelt.'],
  ['that is more than {} parts; request a shorter time, two hours at most', 'Das sind mehr als {1} Teile; bitte höchstens zwei Stunden anfordern.'],
  ['the request would be too long; request a shorter time', 'Der Antrag würde zu lang; bitte eine kürzere Zeit wählen.'],
  ['{} requests wait for an answer already', '{1} Anträge warten schon auf eine Antwort.'],
  ['this is not the answer of a keyholder to this request', 'Das ist nicht die Antwort eines Schlüsselinhabers auf diesen Antrag.'],
  ['only who made the request can open it', 'Nur wer den Antrag gestellt hat, kann öffnen.'],
  ['open the request first', 'Bitte zuerst den Antrag öffnen.'],
  ['keyholder {} has answered this request already', 'Schlüsselinhaber {1} hat diesen Antrag schon beantwortet.'],
  ["'{}' has no protection {}, or it has ended", '„{1}“ hat keinen Schutz {2}, oder er ist beendet.'],
  ['say in 1 to {} bytes why it is to be kept', 'Bitte in 1 bis {1} Bytes sagen, warum es bleiben soll.'],
  ['the end of the span must be after its start', 'Das Ende muss nach dem Anfang liegen.'],
  ['a protection ends within {} days; protect it again then', 'Ein Schutz endet nach höchstens {1} Tagen; danach bitte neu schützen.'],
  [
    'nothing of this scene is proven yet, or nobody needs to approve it',
    'Von dieser Szene ist noch nichts nachgewiesen, oder niemand muss sie freigeben.',
  ],
  [
    'nobody was shown that picture of the scene lately; look at the scene as it is now and approve that',
    'Dieses Bild der Szene wurde zuletzt niemandem gezeigt; bitte die Szene ansehen, wie sie jetzt ist, und diese freigeben.',
  ],
  ['the picture is not the one that was to be approved; look at it again', 'Das ist nicht das Bild, das freigegeben werden sollte; bitte neu ansehen.'],
  [
    'the first code does not fit; give the one that the app shows now, and look whether the clocks of the phone and of this recorder are right',
    'Der erste Code passt nicht. Bitte den eingeben, den die App jetzt zeigt, und prüfen, ob die Uhren von Telefon und Rekorder stimmen.',
  ],
  [
    'a second factor is required of you; set another one in its place',
    'Für dieses Konto ist ein zweiter Faktor Pflicht; bitte einen anderen an seine Stelle setzen.',
  ],
  ['the code does not fit the secret; give the next one', 'Der Code passt nicht; bitte den nächsten eingeben.'],
  ['the old password is wrong', 'Das alte Passwort ist falsch.'],
  ['the new password is too short; use at least {} characters', 'Das neue Passwort ist zu kurz; bitte mindestens {1} Zeichen.'],
  ['the new password is too long; use at most {} bytes', 'Das neue Passwort ist zu lang; höchstens {1} Bytes.'],
  ['the new password is the old one; choose another', 'Das neue Passwort ist das alte; bitte ein anderes wählen.'],
  ['"roles" is empty; give at least one', 'Bitte mindestens eine Rolle geben.'],
  ["there is a user '{}' already", 'Es gibt schon einen Benutzer „{1}“.'],
  ["there is no user '{}'", 'Es gibt keinen Benutzer „{1}“.'],
  ['there are {} users already', 'Es gibt schon {1} Benutzer.'],
  [
    "'{}' cannot be the name of a user; use 1 to 32 of a-z, 0-9, '.', '_' and '-'",
    '„{1}“ kann kein Benutzername sein; erlaubt sind 1 bis 32 Zeichen aus a–z, 0–9, „.“, „_“ und „-“.',
  ],
  ['a token may do no more than you; you are {}', 'Ein Token darf nicht mehr als Sie selbst; Ihre Rollen: {1}.'],
  ['a token must end within {} days from now', 'Ein Token muss in höchstens {1} Tagen enden.'],
  ['there are {} tokens already; end one', 'Es gibt schon {1} Token; bitte eines beenden.'],
  ['there is no such session; it may be over', 'Diese Sitzung gibt es nicht; sie ist wohl zu Ende.'],
  ['too many connections; try again in a moment', 'Zu viele Verbindungen; bitte gleich noch einmal versuchen.'],
  ['the server is busy; try again in a moment', 'Der Rekorder ist beschäftigt; bitte gleich noch einmal versuchen.'],
  ['this is only done when it can be put on the record: {}', 'Das geht nur, wenn es ins Protokoll kommt: {1}'],
];

interface Known {
  pattern: RegExp;
  german: string;
}

let known: Known[] | undefined;

/** "{}" becomes whatever there is, all else is taken as it is. */
const patternOf = (sentence: string): RegExp =>
  new RegExp(`^${sentence.split('{}').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('(.+?)')}$`, 's');

export const sentences = kSentences;

/** A sentence of the recorder in German; one that is not known is quoted as it is. */
export function recorderInGerman(text: string): string {
  known ??= kSentences.map(([english, german]) => ({ pattern: patternOf(english), german }));
  for (const { pattern, german } of known) {
    const found = pattern.exec(text);
    if (found) return german.replace(/\{(\d)\}/g, (_, n: string) => found[Number(n)] ?? '');
  }
  return `Der Rekorder meldet auf Englisch: „${text}“`;
}
