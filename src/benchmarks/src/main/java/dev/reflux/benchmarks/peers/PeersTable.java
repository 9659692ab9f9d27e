package dev.reflux.benchmarks.peers;

import dev.reflux.benchmarks.Texts;
import dev.reflux.benchmarks.WholeJob;
import dev.reflux.service.report.RunReport;
import dev.reflux.service.report.TextTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Accuracy and speed of ours and of MOA's network by stream, as Markdown. */
final class PeersTable {

    private final StreamsFile file;
    private final List<List<String>> accuracies = new ArrayList<>();
    private final List<List<String>> rates = new ArrayList<>();
    private final List<List<String>> processorRates = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    PeersTable(StreamsFile file) {
        this.file = file;
        accuracies.add(List.of(
                "stream",
                "events",
                "MLP (MOA)",
                "student",
                "student minus MLP",
                "alone",
                "teacher",
                "best peer",
                "teacher minus it"));
        List<String> columns =
                List.of("stream", "MLP (MOA)", "alone", "loop", "job", "alone : MLP", "loop : MLP", "job : MLP");
        rates.add(columns);
        processorRates.add(List.of(
                "stream",
                "MLP (MOA)",
                "alone",
                "student",
                "loop",
                "job",
                "alone : MLP",
                "student : MLP",
                "loop : MLP",
                "job : MLP"));
    }

    /**
     * Lets all run on a stream.
     *
     * @return whether the student is as accurate as MOA's network, and loop and job did the same work
     */
    boolean add(String stream, Contest contest, MoaJvm jvm, String network, Consumer<String> progress)
            throws IOException, InterruptedException {
        int rows = contest.rows();
        progress.accept(Texts.format("%s, %,d events: MOA's network", stream, rows));
        Contest.Run moa = contest.moa(jvm, network);
        progress.accept(Texts.format(
                "  %.1f %%, %,.0f events/s, %,.0f per second of processor time",
                moa.hits().accuracy() * 100, moa.rate(), moa.processorRate()));
        Contest.Loop loop = contest.loop();
        Contest.Run alone = contest.alone();
        progress.accept(Texts.format(
                "  student %.1f %%, teacher %.1f %%, alone %.1f %%; per second of processor time loop %,.0f, student %,.0f,"
                        + " alone %,.0f; the whole job",
                loop.student().accuracy() * 100,
                loop.teacher().hits().accuracy() * 100,
                alone.hits().accuracy() * 100,
                loop.teacher().processorRate(),
                loop.studentProcessorRate(),
                alone.processorRate()));
        WholeJob.Result job = contest.job();
        addAccuracies(stream, moa, loop, alone);
        addRates(stream, moa, loop, alone, job);
        boolean same = sameWork(loop, job.report());
        boolean ahead = loop.student().accuracy() >= moa.hits().accuracy();
        if (!same) {
            notes.add(stream + ": LOOP AND JOB PREDICTED DIFFERENTLY: they did not do the same work");
        }
        if (!ahead) {
            notes.add(stream + ": the student is less accurate than MOA's network");
        }
        return same && ahead;
    }

    private static boolean sameWork(Contest.Loop loop, RunReport job) {
        RunReport.Teacher teacher = job.teacher();
        return teacher != null
                && teacher.accuracy() == loop.teacher().hits().accuracy()
                && job.students().get(0).accuracy() == loop.student().accuracy();
    }

    private void addAccuracies(String stream, Contest.Run moa, Contest.Loop loop, Contest.Run alone) {
        Hits teacher = loop.teacher().hits();
        Optional<StreamsFile.Peer> best = file.best(stream, teacher.size());
        accuracies.add(List.of(
                stream,
                Texts.format("%,d", teacher.size()),
                percent(moa.hits().accuracy()),
                percent(loop.student().accuracy()),
                points(loop.student().accuracy() - moa.hits().accuracy()),
                percent(alone.hits().accuracy()),
                percent(teacher.accuracy()),
                best.map(peer -> Texts.format(
                                "%s %s%s",
                                percent(peer.accuracy()),
                                peer.learner(),
                                peer.rows() < teacher.size() ? Texts.format(" @%,d", peer.rows()) : ""))
                        .orElse("-"),
                best.map(peer -> points(teacher.accuracy(0, peer.rows()) - peer.accuracy()))
                        .orElse("-")));
    }

    private void addRates(String stream, Contest.Run moa, Contest.Loop loop, Contest.Run alone, WholeJob.Result job) {
        double ofJob = job.report().eventsPerSecond();
        rates.add(List.of(
                stream,
                rate(moa.rate()),
                rate(alone.rate()),
                rate(loop.teacher().rate()),
                rate(ofJob),
                ratio(alone.rate() / moa.rate()),
                ratio(loop.teacher().rate() / moa.rate()),
                ratio(ofJob / moa.rate())));
        double ofJobThreads = job.report().events() / job.processorSeconds();
        processorRates.add(List.of(
                stream,
                rate(moa.processorRate()),
                rate(alone.processorRate()),
                rate(loop.studentProcessorRate()),
                rate(loop.teacher().processorRate()),
                rate(ofJobThreads),
                ratio(alone.processorRate() / moa.processorRate()),
                ratio(loop.studentProcessorRate() / moa.processorRate()),
                ratio(loop.teacher().processorRate() / moa.processorRate()),
                ratio(ofJobThreads / moa.processorRate())));
    }

    private static String percent(double share) {
        return Texts.format("%.1f", share * 100);
    }

    private static String points(double share) {
        return Texts.format("%+.1f", share * 100);
    }

    private static String rate(double rate) {
        return Texts.format("%,.0f", rate);
    }

    private static String ratio(double ratio) {
        return Texts.format("%.1f", ratio);
    }

    String print() {
        StringBuilder text = new StringBuilder();
        text.append(Texts.format(
                "%n### Prequential accuracy in %%, the best peer beside the teacher on the same events%n%n"));
        text.append(TextTable.markdown(accuracies));
        text.append(Texts.format("%n### Events per second of processor time, the job's of all its threads%n%n"));
        text.append(TextTable.markdown(processorRates));
        text.append(Texts.format("%n### Events per second%n%n"));
        text.append(TextTable.markdown(rates));
        notes.forEach(note -> text.append(Texts.format("%n%s%n", note)));
        return text.toString();
    }
}
