package dev.reflux.service.compare;

import dev.reflux.distillation.state.StateException;
import dev.reflux.events.csv.CsvEvents;
import dev.reflux.events.csv.CsvException;
import dev.reflux.jobs.JobSettings;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineWriter;
import dev.reflux.jobs.pipeline.options.InvalidOptionsException;
import dev.reflux.service.ErrorText;
import dev.reflux.service.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Variants held against the pipeline that they are of. */
record Candidates(List<Plan.Candidate> good, List<ComparisonReport.Skip> skipped) {

    Candidates {
        good = List.copyOf(good);
        skipped = List.copyOf(skipped);
    }

    /**
     * What variants are held against.
     *
     * @param pipeline the pipeline with further settings, each {@code PATH=VALUE}
     * @param events starts reading the events, in the form that a pipeline reads
     */
    record Reading(Function<List<String>, Pipeline> pipeline, Function<Pipeline, CsvEvents> events) {}

    /**
     * Those that the user named: each has to work.
     *
     * @throws UsageException naming the first variant that does not
     */
    static Candidates named(List<Variant> variants, Reading reading) {
        PipelineTree base = PipelineTree.of(reading.pipeline().apply(List.of()));
        List<Plan.Candidate> good = new ArrayList<>();
        for (Variant variant : variants) {
            try {
                good.add(candidate(variant, base, reading));
            } catch (IllegalArgumentException | IllegalStateException | StateException | CsvException e) {
                throw new UsageException("variant '" + variant.name() + "': " + ErrorText.of(e), e);
            }
        }
        return new Candidates(good, List.of());
    }

    /**
     * Those that are tried where none are named: what cannot run on this pipeline, or says nothing new, is skipped.
     *
     * @param file the pipeline as it is, which has to work
     */
    static Candidates builtIn(Variant file, List<Variant> others, Reading reading) {
        PipelineTree base = PipelineTree.of(reading.pipeline().apply(List.of()));
        List<Plan.Candidate> good =
                new ArrayList<>(named(List.of(file), reading).good());
        List<ComparisonReport.Skip> skipped = new ArrayList<>();
        for (Variant variant : others) {
            try {
                Plan.Candidate candidate = candidate(variant, base, reading);
                Optional<Plan.Candidate> same = good.stream()
                        .filter(other -> other.tree().equals(candidate.tree()))
                        .findFirst();
                if (same.isPresent()) {
                    skipped.add(new ComparisonReport.Skip(
                            variant.name(),
                            "the same as " + same.get().variant().name()));
                } else {
                    good.add(candidate);
                }
            } catch (InvalidOptionsException e) {
                skipped.add(new ComparisonReport.Skip(variant.name(), rules(e)));
            } catch (IllegalArgumentException | IllegalStateException | StateException | CsvException e) {
                skipped.add(new ComparisonReport.Skip(variant.name(), ErrorText.of(e)));
            }
        }
        return new Candidates(good, skipped);
    }

    /** Without where it was written: that was here. */
    private static String rules(InvalidOptionsException e) {
        return e.problems().stream()
                .map(problem -> problem.path().isEmpty() ? problem.rule() : problem.path() + ": " + problem.rule())
                .collect(Collectors.joining("; "));
    }

    private static Plan.Candidate candidate(Variant variant, PipelineTree base, Reading reading) {
        PipelineTree tree =
                PipelineTree.of(reading.pipeline().apply(variant.set())).in(base);
        Pipeline pipeline = tree.pipeline();
        requireLearnable(pipeline);
        try (CsvEvents events = reading.events().apply(pipeline)) {
            events.hasNext();
        } catch (IOException e) {
            throw new UncheckedIOException("the events cannot be closed", e);
        }
        return new Plan.Candidate(variant, tree);
    }

    /** Makes all that the job would make, so that what cannot be made is known before anything has run. */
    private static void requireLearnable(Pipeline pipeline) {
        LearningPlan plan = LearningPlan.of(new JobSettings(PipelineWriter.complete(pipeline), 1, 0));
        if (pipeline.hasTeacher()) {
            plan.createTeacher().close();
        }
        plan.studentNames().forEach(student -> plan.createStudent(student).close());
    }
}
