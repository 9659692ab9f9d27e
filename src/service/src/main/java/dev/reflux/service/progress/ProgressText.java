package dev.reflux.service.progress;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Progress in words: a block for a terminal, a line for a log. */
public enum ProgressText {
    /** Of a job in which teacher and students learn. */
    LEARNING,
    /** Of a job in which a student scores. */
    SCORING,
    /** Of a job in which nobody learns. */
    WATCHING;

    /** More of them on a line have nothing but their accuracy there. */
    private static final int MANY_STUDENTS = 3;

    /** @param eventsPerSecond over the last moments; NaN while unknown */
    List<String> block(String title, Progress progress, Duration running, double eventsPerSecond, long nowMillis) {
        if (this != LEARNING) {
            return List.of(title + "  " + line(progress, running, eventsPerSecond, nowMillis));
        }
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%s  %s  %,d events  %s  %d drift alarms  %d dead letters%s",
                title,
                clock(running),
                progress.events(),
                rate(eventsPerSecond),
                progress.driftAlarms(),
                progress.deadLetters(),
                restarts(progress)));
        int width = "teacher".length();
        for (StudentProgress student : progress.students()) {
            width = Math.max(width, ("student " + student.name()).length());
        }
        lines.add(String.format("  %-" + width + "s  accuracy %s", "teacher", share(progress.teacherAccuracy())));
        for (StudentProgress student : progress.students()) {
            lines.add(String.format(
                    "  %-" + width + "s  accuracy %s  agreement %s%s  %s",
                    "student " + student.name(),
                    share(student.accuracy()),
                    share(student.agreement()),
                    Double.isNaN(student.gain()) ? "" : "  over alone " + gain(student),
                    checkpoint(student, nowMillis)));
        }
        return lines;
    }

    String line(Progress progress, Duration running, double eventsPerSecond, long nowMillis) {
        if (this == SCORING) {
            return scoring(progress, running, eventsPerSecond, nowMillis);
        }
        if (this == WATCHING) {
            return watching(progress, running, eventsPerSecond);
        }
        StringBuilder line = new StringBuilder(String.format(
                Locale.ROOT,
                "%s  %,d events  %s  teacher %s",
                clock(running),
                progress.events(),
                rate(eventsPerSecond),
                share(progress.teacherAccuracy())));
        boolean many = progress.students().size() > MANY_STUDENTS;
        for (StudentProgress student : progress.students()) {
            line.append(String.format("  %s %s", student.name(), share(student.accuracy())));
            if (!many && !Double.isNaN(student.gain())) {
                line.append(" (").append(gain(student)).append(" over alone)");
            }
            if (!many) {
                line.append(String.format(
                        " (agreement %s, %s)", share(student.agreement()), checkpoint(student, nowMillis)));
            }
        }
        line.append(String.format(
                Locale.ROOT,
                "  %d drift alarms  %d dead letters%s",
                progress.driftAlarms(),
                progress.deadLetters(),
                restarts(progress)));
        return line.toString();
    }

    private static String gain(StudentProgress student) {
        return String.format(Locale.ROOT, "%+.3f", student.gain());
    }

    private static String watching(Progress progress, Duration running, double eventsPerSecond) {
        return String.format(
                Locale.ROOT,
                "%s  %,d events  %s  model %s  %d drift alarms  %d dead letters%s",
                clock(running),
                progress.events(),
                rate(eventsPerSecond),
                share(progress.teacherAccuracy()),
                progress.driftAlarms(),
                progress.deadLetters(),
                restarts(progress));
    }

    private static String scoring(Progress progress, Duration running, double eventsPerSecond, long nowMillis) {
        StringBuilder line = new StringBuilder(String.format(
                Locale.ROOT,
                "%s  %,d events  %s  %d without a prediction",
                clock(running),
                progress.events(),
                rate(eventsPerSecond),
                progress.deadLetters()));
        for (StudentProgress student : progress.students()) {
            if (student.checkpointVersion() > 0) {
                line.append("  scored by ").append(student.name()).append(", ").append(checkpoint(student, nowMillis));
            }
        }
        return line + restarts(progress);
    }

    private static String restarts(Progress progress) {
        return progress.restarts() == 0 ? "" : "  " + progress.restarts() + " restarts";
    }

    private static String checkpoint(StudentProgress student, long nowMillis) {
        if (student.checkpointVersion() == 0) {
            return "no checkpoint yet";
        }
        long age = Math.max(0, nowMillis - student.checkpointCreatedMillis()) / 1000;
        return String.format(
                Locale.ROOT,
                "checkpoint v%d %s %s ago",
                student.checkpointVersion(),
                bytes(student.checkpointBytes()),
                age < 120 ? age + " s" : age / 60 + " min");
    }

    static String bytes(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        return bytes < 1024 * 1024
                ? String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0)
                : String.format(Locale.ROOT, "%.1f MiB", bytes / (1024.0 * 1024.0));
    }

    private static String clock(Duration running) {
        long seconds = running.toSeconds();
        return seconds < 3600
                ? String.format(Locale.ROOT, "%02d:%02d", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }

    private static String rate(double eventsPerSecond) {
        return Double.isNaN(eventsPerSecond) ? "-/s" : String.format(Locale.ROOT, "%,.0f/s", eventsPerSecond);
    }

    private static String share(double share) {
        return Double.isNaN(share) ? "-    " : String.format(Locale.ROOT, "%.3f", share);
    }
}
