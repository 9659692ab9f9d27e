package dev.reflux.service.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflux.jobs.pipeline.Pipeline;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which students learn in which jobs. Students that differ in their own settings only, and whose teacher does not hear
 * them, are independent: they learn side by side in one job, from the same lessons, and come out as they would alone. To
 * each comes its control, the student alone; students with the same control share it.
 *
 * @param rows students in the order of the table, the controls first
 */
record Plan(List<Row> rows, List<Job> jobs) {
    /** Name of the controls in the table. */
    static final String ALONE = "alone";

    /** Students of one job at most: each has a thread of its own, and a line of the progress view. */
    private static final int MOST_STUDENTS = 16;

    private static final int LONGEST_NAME = 60;

    Plan {
        rows = List.copyOf(rows);
        jobs = List.copyOf(jobs);
    }

    /**
     * A variant whose pipeline is known to be good.
     *
     * @param tree with the surroundings of the base pipeline
     */
    record Candidate(Variant variant, PipelineTree tree) {}

    /**
     * A line of the table.
     *
     * @param variant null for a control
     * @param student its name in the pipeline file
     * @param control place of its control in {@link Plan#rows()}; that of the row itself for a control
     * @param seat where it learns
     */
    record Row(@Nullable Variant variant, String name, String student, int control, Seat seat) {
        boolean isControl() {
            return variant == null;
        }
    }

    /**
     * A place in a job.
     *
     * @param job place of the job in {@link Plan#jobs()}
     * @param as the student's name there
     */
    record Seat(int job, String as) {}

    /** Students that learn together. */
    record Job(Pipeline pipeline, List<String> variants) {
        Job {
            variants = List.copyOf(variants);
        }
    }

    static Plan of(List<Candidate> candidates, Sharing sharing) {
        return new Builder(sharing).plan(candidates);
    }

    /** A job in the making. */
    private static final class Draft {
        private final int number;
        private final PipelineTree tree;
        private final List<ObjectNode> students = new ArrayList<>();
        private final List<String> names = new ArrayList<>();
        private final Set<String> variants = new LinkedHashSet<>();

        Draft(int number, PipelineTree tree) {
            this.number = number;
            this.tree = tree;
        }

        Seat add(String variant, ObjectNode student, String wanted) {
            String name = wanted;
            for (int i = 2; names.contains(name); i++) {
                name = wanted + "-" + i;
            }
            variants.add(variant);
            students.add(student);
            names.add(name);
            return new Seat(number, name);
        }
    }

    private static final class Builder {
        private final Sharing sharing;
        private final List<Draft> drafts = new ArrayList<>();
        private final Map<JsonNode, Draft> open = new HashMap<>();
        private final Map<JsonNode, Integer> controls = new HashMap<>();
        private final List<Row> rows = new ArrayList<>();

        Builder(Sharing sharing) {
            this.sharing = sharing;
        }

        Plan plan(List<Candidate> candidates) {
            for (Candidate candidate : candidates) {
                String name = candidate == candidates.get(0)
                        ? ALONE
                        : ALONE + " (" + candidate.variant().name() + ")";
                candidate.tree().students().forEach(student -> addControl(name, candidate.tree(), student));
            }
            candidates.forEach(this::addVariant);
            return new Plan(
                    rows,
                    drafts.stream()
                            .map(draft -> new Job(
                                    draft.tree.with(draft.students, draft.names).pipeline(),
                                    List.copyOf(draft.variants)))
                            .toList());
        }

        private void addControl(String name, PipelineTree tree, ObjectNode student) {
            JsonNode key = tree.controlKey(student);
            if (controls.containsKey(key)) {
                return;
            }
            PipelineTree host = tree.hasRoomForAControl() ? tree : tree.forControls();
            Seat seat = draft(host, 1).add(name, host.control(student), slug(name, student, tree));
            controls.put(key, rows.size());
            rows.add(new Row(null, name, PipelineTree.name(student), rows.size(), seat));
        }

        private void addVariant(Candidate candidate) {
            PipelineTree tree = candidate.tree();
            Variant variant = candidate.variant();
            Draft draft = draft(tree, tree.students().size());
            for (ObjectNode student : tree.students()) {
                Integer control = controls.get(tree.controlKey(student));
                if (control == null) {
                    throw new IllegalStateException("no control for a student of " + variant.name());
                }
                Seat seat = draft.add(variant.name(), student, slug(variant.name(), student, tree));
                rows.add(new Row(variant, variant.name(), PipelineTree.name(student), control, seat));
            }
        }

        /** A job like this one with so many free seats. */
        private Draft draft(PipelineTree tree, int seats) {
            if (sharing == Sharing.SEPARATE || !tree.hasIndependentStudents()) {
                return newDraft(tree);
            }
            Draft draft = open.get(tree.job());
            if (draft == null || draft.students.size() + seats > MOST_STUDENTS) {
                draft = newDraft(tree);
                open.put(tree.job(), draft);
            }
            return draft;
        }

        private Draft newDraft(PipelineTree tree) {
            Draft draft = new Draft(drafts.size(), tree);
            drafts.add(draft);
            return draft;
        }

        /** A name that a student of a pipeline may have. */
        private static String slug(String variant, ObjectNode student, PipelineTree tree) {
            String text = tree.students().size() == 1 ? variant : variant + "-" + PipelineTree.name(student);
            String slug = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
            String cut = slug.substring(0, Math.min(slug.length(), LONGEST_NAME));
            String bare = cut.replaceAll("^-+|-+$", "");
            return bare.isEmpty() ? "variant" : bare;
        }
    }
}
