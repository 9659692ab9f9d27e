package dev.reflux.service.commands;

import dev.reflux.checkpoints.Manifest;
import dev.reflux.checkpoints.follow.FollowedStudent;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** A published student in a line. */
final class CheckpointText {
    private static final int SHA_SHOWN = 12;

    private CheckpointText() {}

    static String line(FollowedStudent student, Instant now) {
        Manifest manifest = student.manifest();
        Manifest.Quality quality = manifest.quality();
        return String.format(
                Locale.ROOT,
                "%s  %s v%d  %,d events  accuracy %s  log loss %s  agreement %s  %s %,d bytes  sha256 %s  after %s  (%s)",
                manifest.created().truncatedTo(ChronoUnit.SECONDS),
                manifest.student(),
                manifest.step(),
                manifest.eventsSeen(),
                number(quality.accuracy()),
                number(quality.logLoss()),
                number(quality.agreement()),
                manifest.precision(),
                manifest.size(),
                manifest.sha256().substring(0, SHA_SHOWN),
                manifest.parentVersion() == null ? "none" : "v" + manifest.parentVersion(),
                "published " + age(student.age(now)) + " ago: "
                        + String.join("; ", manifest.gate().reasons()));
    }

    static String age(Duration age) {
        long seconds = age.toSeconds();
        return seconds < 120 ? seconds + " s" : seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.4f", value);
    }
}
