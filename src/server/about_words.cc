#include "server/about_words.h"

namespace passerby::server {

namespace {

constexpr AboutWords kEnglish{
    .title = "About this camera",
    .lead =
        "There is a camera here. It records what happens, and covers who is there before a picture is "
        "stored or shown.",
    .lead_faces =
        "There is a camera here. It records what happens, and covers faces before a picture is "
        "stored or shown.",
    .lead_nobody = "Nobody is recognised, followed or searched for. The recorder has no means to do it.",
    .other_language = "Deutsch",
    .site = "The cameras of",
    .not_said = "The operator has not said this yet.",
    .missing_title = "This page is not complete",
    .missing_text =
        "The operator still has to say: {}. In the recorder’s config file that is the section "
        "“about”.",
    .cameras = "What is recorded",
    .cameras_text = "These cameras belong to this site.",
    .camera = "Camera",
    .covered = "What is covered, and how",
    .sound = "Sound",
    .kept = "Kept for",
    .no_cameras = "No camera is set up at the moment. Nothing is recorded.",
    .off = "switched off",
    .silhouette = "are covered by flat shapes",
    .vanish = "are painted over with the empty scene",
    .block = "are covered by blocks",
    .fixed = "Whatever moves is covered, and so is every part of the picture that is not proven to be empty.",
    .approved = "A part of the picture is shown only after a person has approved it.",
    .moving = "This camera moves: here persons are found by detectors alone, and now and then one is missed.",
    .persons = "persons",
    .faces = "faces",
    .plates = "number plates",
    .vehicles = "vehicles",
    .screens = "screens",
    .and_ = "and",
    .no_sound = "not recorded",
    .sound_kept = "recorded; voices identify people",
    .originals_never = "The uncovered picture is never stored.",
    .originals_sealed =
        "The uncovered picture is stored sealed: only {needed} of {of} keyholders together can "
        "open it. Reason: {basis}. Last day: {until}.",
    .days = "{} days",
    .hours = "{} hours",
    .until_full = "until the disk is full, the oldest going first",
    .purpose = "Purpose",
    .legal_basis = "Legal basis",
    .who = "Whom to ask",
    .operated_by = "Operator",
    .contact = "Contact",
    .officer = "Data protection officer",
    .authority = "Complaints",
    .asking =
        "You may ask what is recorded of you, object to it and complain about it. Say where you were and "
        "when: the recorder cannot find a person by what they look like.",
    .use = "How often it was used",
    .use_text =
        "Counted from the public ledger, in which every use is noted before it happens. A person who "
        "looks is counted once an hour and camera.",
    .month = "Month",
    .live = "Looked at live",
    .view = "Recordings looked at",
    .export_ = "Clips taken along",
    .opening = "Originals opened",
    .nobody_looked = "Nobody has looked at anything so far.",
    .on_whom = "And at whom? Nobody in particular: the recorder cannot tell persons apart.",
    .no_ledger =
        "The ledger cannot be read at the moment. As long as that is so, nobody can look at pictures.",
    .verify = "Check it yourself",
    .verify_text =
        "The ledger is signed and can only grow. Whoever changed or removed an entry would be found "
        "out. A small program, passerby-verify, checks all of it from outside, without trust in "
        "this server:",
    .ledger_file = "The ledger’s signed state",
    .ledger_key = "The key it is signed with",
    .sign = "The sign for the wall",
    .sign_in = "For the operator’s staff",
    .print_hint = "Print this page on A4, without headers and margins.",
    .sign_heading = "Video recording",
    .sign_promise = "People are covered before a picture is stored. Nobody is recognised.",
    .sign_promise_faces = "Faces are covered before a picture is stored. Nobody is recognised.",
    .sign_scan = "What is recorded, for how long, how often somebody looked, and your rights:",
    .sign_rights = "You may ask for information, object and complain.",
    .sign_local =
        "The code leads to {}. For a sign, write the public address into the config: about.address.",
};

constexpr AboutWords kGerman{
    .title = "Über diese Kamera",
    .lead =
        "Hier steht eine Kamera. Sie zeichnet auf, was geschieht, und verdeckt, wer da ist, bevor ein Bild "
        "gespeichert oder gezeigt wird.",
    .lead_faces =
        "Hier steht eine Kamera. Sie zeichnet auf, was geschieht, und verdeckt Gesichter, bevor ein "
        "Bild gespeichert oder gezeigt wird.",
    .lead_nobody = "Niemand wird erkannt, verfolgt oder gesucht. Der Rekorder hat keine Mittel dazu.",
    .other_language = "English",
    .site = "Die Kameras von",
    .not_said = "Das hat der Betreiber noch nicht angegeben.",
    .missing_title = "Diese Seite ist nicht vollständig",
    .missing_text =
        "Der Betreiber muss noch angeben: {}. In der Konfiguration des Rekorders ist das der "
        "Abschnitt „about“.",
    .cameras = "Was aufgezeichnet wird",
    .cameras_text = "Diese Kameras gehören zu diesem Ort.",
    .camera = "Kamera",
    .covered = "Was verdeckt wird, und wie",
    .sound = "Ton",
    .kept = "Gespeichert für",
    .no_cameras = "Zurzeit ist keine Kamera eingerichtet. Es wird nichts aufgezeichnet.",
    .off = "ausgeschaltet",
    .silhouette = "werden mit flachen Formen verdeckt",
    .vanish = "werden mit der leeren Szene übermalt",
    .block = "werden mit Blöcken verdeckt",
    .fixed =
        "Alles, was sich bewegt, ist verdeckt, und ebenso jeder Teil des Bildes, der nicht nachweislich "
        "leer ist.",
    .approved = "Ein Teil des Bildes wird erst gezeigt, wenn eine Person ihn freigegeben hat.",
    .moving =
        "Diese Kamera bewegt sich: Personen findet hier nur ein Detektor, und ab und zu entgeht ihm "
        "eine.",
    .persons = "Personen",
    .faces = "Gesichter",
    .plates = "Kennzeichen",
    .vehicles = "Fahrzeuge",
    .screens = "Bildschirme",
    .and_ = "und",
    .no_sound = "wird nicht aufgezeichnet",
    .sound_kept = "wird aufgezeichnet; Stimmen machen Menschen erkennbar",
    .originals_never = "Das unverdeckte Bild wird nie gespeichert.",
    .originals_sealed =
        "Das unverdeckte Bild wird versiegelt gespeichert: Nur {needed} von {of} Personen mit "
        "Schlüssel können es gemeinsam öffnen. Grund: {basis}. Letzter Tag: {until}.",
    .days = "{} Tage",
    .hours = "{} Stunden",
    .until_full = "bis der Datenträger voll ist, das Älteste geht zuerst",
    .purpose = "Zweck",
    .legal_basis = "Rechtsgrundlage",
    .who = "Wen man fragt",
    .operated_by = "Betreiber",
    .contact = "Kontakt",
    .officer = "Datenschutzbeauftragte Person",
    .authority = "Beschwerden",
    .asking =
        "Sie dürfen Auskunft verlangen, widersprechen und sich beschweren. Sagen Sie, wo Sie wann waren: "
        "Der Rekorder kann niemanden nach dem Aussehen finden.",
    .use = "Wie oft sie genutzt wurde",
    .use_text =
        "Gezählt aus dem öffentlichen Protokoll, in dem jede Nutzung steht, bevor sie geschieht. Wer "
        "etwas ansieht, zählt je Stunde und Kamera einmal.",
    .month = "Monat",
    .live = "Live angesehen",
    .view = "Aufzeichnungen angesehen",
    .export_ = "Clips mitgenommen",
    .opening = "Originale geöffnet",
    .nobody_looked = "Bisher hat niemand etwas angesehen.",
    .on_whom = "Und wen? Niemand Bestimmten: Der Rekorder kann Personen nicht unterscheiden.",
    .no_ledger = "Das Protokoll ist zurzeit nicht lesbar. Solange das so ist, kann niemand Bilder ansehen.",
    .verify = "Selbst nachprüfen",
    .verify_text =
        "Das Protokoll ist signiert und kann nur wachsen. Wer einen Eintrag ändert oder entfernt, "
        "fällt auf. Ein kleines Programm, passerby-verify, prüft alles von außen, ohne diesem "
        "Server zu trauen:",
    .ledger_file = "Der signierte Stand des Protokolls",
    .ledger_key = "Der Schlüssel, mit dem es signiert ist",
    .sign = "Das Schild für die Wand",
    .sign_in = "Für die Leute des Betreibers",
    .print_hint = "Drucken Sie diese Seite auf A4, ohne Kopfzeilen und Ränder.",
    .sign_heading = "Videoaufzeichnung",
    .sign_promise = "Personen werden verdeckt, bevor ein Bild gespeichert wird. Niemand wird erkannt.",
    .sign_promise_faces = "Gesichter werden verdeckt, bevor ein Bild gespeichert wird. Niemand wird erkannt.",
    .sign_scan = "Was aufgezeichnet wird, wie lange, wie oft jemand hinsah, und Ihre Rechte:",
    .sign_rights = "Sie dürfen Auskunft verlangen, widersprechen und sich beschweren.",
    .sign_local =
        "Der Code führt zu {}. Für ein Schild gehört die öffentliche Adresse in die Konfiguration: "
        "about.address.",
};

}  // namespace

const AboutWords& about_words(Language language) {
    return language == Language::german ? kGerman : kEnglish;
}

}  // namespace passerby::server
