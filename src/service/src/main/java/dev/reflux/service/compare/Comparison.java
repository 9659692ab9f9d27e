package dev.reflux.service.compare;

import dev.reflux.events.csv.CsvEvents;
import dev.reflux.jobs.pipeline.EventsSettings;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.service.Interruption;
import dev.reflux.service.UsageException;
import dev.reflux.service.report.RunReport;
import dev.reflux.service.runs.BoundedRun;
import dev.reflux.service.runs.BoundedStream;
import dev.reflux.service.runs.RunException;
import dev.reflux.service.runs.RunOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** Runs variants of a pipeline over one stream and holds each student against its control, the student alone. */
public final class Comparison {
    private final Pipeline base;
    private final Candidates candidates;
    private final Plan plan;
    private final Stream stream;
    private final List<Double> shares;
    private final RunOutput output;
    private final Interruption interruption;
    private final Map<Run, Outcome> outcomes = new HashMap<>();

    /**
     * What is to be compared.
     *
     * @param reader the pipeline with further settings, each {@code PATH=VALUE}
     * @param variants what the user named; empty tries all that this build has
     * @param shares of the labels that learning may see, each in [0, 1]
     */
    public record Request(
            Function<List<String>, Pipeline> reader,
            List<Variant> variants,
            Sharing sharing,
            Stream stream,
            List<Double> shares) {}

    /**
     * Where the events come from.
     *
     * @param name for the report
     * @param count number of the events
     * @param opening starts reading them, in the form that a pipeline reads
     */
    public record Stream(String name, long count, Function<Pipeline, CsvEvents> opening) {}

    /** A job with one share of the labels, both by their place. */
    private record Run(int share, int job) {}

    /** What became of a run: a report, or why there is none. */
    record Outcome(Optional<RunReport> report, String failure) {}

    /**
     * Reads and checks all variants; nothing is started yet.
     *
     * @throws UsageException when a variant that the user named cannot be run
     */
    public Comparison(Request request, RunOutput output, Interruption interruption) {
        this.base = request.reader().apply(List.of());
        Candidates.Reading reading =
                new Candidates.Reading(request.reader(), request.stream().opening());
        this.candidates = request.variants().isEmpty()
                ? Candidates.builtIn(BuiltInVariants.FILE, BuiltInVariants.of(base), reading)
                : Candidates.named(request.variants(), reading);
        this.plan = Plan.of(candidates.good(), request.sharing());
        this.stream = request.stream();
        this.shares = request.shares();
        this.output = output;
        this.interruption = interruption;
    }

    /**
     * Runs all jobs, each for each share of the labels. A job that fails does not end the others.
     *
     * @param soFar told after each job what is known by then
     * @return what is known at the end, or when the user interrupts
     */
    public ComparisonReport run(Consumer<ComparisonReport> soFar) {
        Map<EventsSettings, List<Integer>> jobsByEvents = new LinkedHashMap<>();
        for (int job = 0; job < plan.jobs().size(); job++) {
            jobsByEvents
                    .computeIfAbsent(plan.jobs().get(job).pipeline().events(), events -> new ArrayList<>())
                    .add(job);
        }
        for (List<Integer> jobs : jobsByEvents.values()) {
            runOverOneStream(jobs, soFar);
        }
        return report();
    }

    private void runOverOneStream(List<Integer> jobs, Consumer<ComparisonReport> soFar) {
        Pipeline reading = plan.jobs().get(jobs.get(0)).pipeline();
        try (CsvEvents events = stream.opening().apply(reading);
                BoundedStream bounded = new BoundedStream(reading, stream.count(), output, interruption)) {
            bounded.feed(events, BoundedRun.Feed.FIRST);
            for (int share = 0; share < shares.size(); share++) {
                for (int job : jobs) {
                    if (interruption.isRequested()) {
                        return;
                    }
                    run(bounded, new Run(share, job));
                    soFar.accept(report());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(stream.name() + " cannot be closed", e);
        }
    }

    private void run(BoundedStream bounded, Run run) {
        Plan.Job job = plan.jobs().get(run.job());
        String title = String.format(
                Locale.ROOT,
                "run %d of %d, labels %s: %s",
                outcomes.size() + 1,
                plan.jobs().size() * shares.size(),
                ComparisonTable.percent(shares.get(run.share())),
                String.join(", ", job.variants()));
        output.say(title);
        try {
            bounded.run("reflux compare", job.pipeline(), shares.get(run.share()))
                    .ifPresent(report -> outcomes.put(run, new Outcome(Optional.of(report), "")));
        } catch (RunException e) {
            output.say(e.getMessage());
            outcomes.put(run, new Outcome(Optional.empty(), e.getMessage()));
        }
    }

    private ComparisonReport report() {
        ComparisonResults results = new ComparisonResults(plan, new BlockBootstrap(base.seed()));
        List<ComparisonReport.AtShare> labels = new ArrayList<>();
        for (int share = 0; share < shares.size(); share++) {
            Map<Integer, Outcome> ofShare = new HashMap<>();
            for (int job = 0; job < plan.jobs().size(); job++) {
                Outcome outcome = outcomes.get(new Run(share, job));
                if (outcome != null) {
                    ofShare.put(job, outcome);
                }
            }
            labels.add(results.at(shares.get(share), ofShare));
        }
        return new ComparisonReport(
                ComparisonReport.VERSION,
                base.pipeline(),
                stream.name(),
                stream.count(),
                method(),
                candidates.good().stream().map(Plan.Candidate::variant).toList(),
                candidates.skipped(),
                labels);
    }

    private ComparisonReport.Method method() {
        long window = BoundedStream.curveWindow(stream.count());
        return new ComparisonReport.Method(
                "circular-block-bootstrap",
                BlockBootstrap.LEVEL,
                BlockBootstrap.RESAMPLES,
                base.seed(),
                window,
                BlockBootstrap.blockLength(Math.toIntExact((stream.count() + window - 1) / window)));
    }
}
