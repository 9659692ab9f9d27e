package dev.reflux.jobs.pipeline;

import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.adversarial.AdversarialSpec.HardFor;
import dev.reflux.distillation.loss.Losses;
import dev.reflux.jobs.pipeline.DistillationSettings.Scheme;
import dev.reflux.jobs.pipeline.TeacherSettings.From;
import dev.reflux.jobs.pipeline.options.OptionException;
import dev.reflux.jobs.pipeline.options.Texts;
import java.util.List;

/** What the kinds of teachers need of the other settings, and cannot give to them. */
final class TeacherRules {

    private TeacherRules() {}

    /** @throws OptionException for the first rule that is broken */
    static void check(
            EventsSettings events,
            TeacherSettings teacher,
            DistillationSettings distillation,
            List<StudentSettings> students,
            FeedbackSettings feedback) {
        for (int i = 0; i < students.size(); i++) {
            Scheme ofStudent = students.get(i).distillation().scheme();
            if (distillation.scheme() == Scheme.SELF && ofStudent != Scheme.SELF) {
                throw new OptionException(
                        "students[" + i + "].distillation.scheme",
                        Texts.wireName(ofStudent) + " found, but distillation.scheme is self, so there is no teacher;"
                                + " give distillation.scheme the teacher's (online, say), and let students override it"
                                + " with self");
            }
        }
        boolean offline = distillation.scheme() == Scheme.OFFLINE;
        if (teacher.from() == From.NETWORK && offline && teacher.load() == null) {
            throw new OptionException(
                    "distillation.scheme",
                    "offline found without teacher.load; name the snapshot of a teacher that has learned already, or choose online");
        }
        if (teacher.from() == From.EVENTS && events.teacher() == null) {
            throw new OptionException(
                    "teacher.from", "events found without events.teacher; say there where the probabilities stand");
        }
        if (teacher.from() != From.EVENTS && events.teacher() != null) {
            throw new OptionException(
                    "events.teacher",
                    "found, but teacher.from is " + Texts.wireName(teacher.from())
                            + ", so nobody would hear it; set teacher.from to events, or leave it out");
        }
        if (teacher.from() != From.NETWORK) {
            checkExternal(Texts.wireName(teacher.from()), offline, students, feedback);
        }
    }

    private static void checkExternal(
            String from, boolean offline, List<StudentSettings> students, FeedbackSettings feedback) {
        if (!offline) {
            throw new OptionException(
                    "teacher.from",
                    from + " found, a teacher that learns nothing here; set distillation.scheme to offline");
        }
        if (feedback.policy() != FeedbackSettings.Policy.NONE) {
            throw new OptionException(
                    "feedback.policy",
                    Texts.wireName(feedback.policy()) + " found, but a teacher from " + from
                            + " learns nothing from feedback; set it to none");
        }
        for (int i = 0; i < students.size(); i++) {
            DistillationSettings own = students.get(i).distillation();
            List<String> layers = Losses.teacherLayers(PipelineSpecs.losses(own)).stream()
                    .filter(layer -> !layer.equals(Outputs.LOGITS))
                    .toList();
            if (!layers.isEmpty()) {
                throw new OptionException(
                        "students[" + i + "].distillation.losses",
                        "layers " + layers + " of the teacher found, but of a teacher from " + from
                                + " nothing but the " + Outputs.LOGITS
                                + " can be seen; name these, or leave the losses out");
            }
            if (own.adversarial().epsilon() > 0 && own.adversarial().hardFor() == HardFor.TEACHER) {
                throw new OptionException(
                        "students[" + i + "].distillation.adversarial.hardFor",
                        "teacher found, but a teacher from " + from
                                + " gives no gradients to find such events by; set it to student");
            }
        }
    }
}
