package dev.reflux.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.distillation.Student;
import dev.reflux.distillation.state.StateWriter;
import org.junit.jupiter.api.Test;

class LearningPlanTest {

    private static final LearningPlan PLAN = LearningPlan.of(new JobSettings("""
            pipeline: seeds
            events:
              label: { path: /label, classes: [a, b] }
              features: [ { name: x, type: numeric } ]
            students:
              - { name: first }
              - { name: second }
              - { name: as-first, seed: 43 }
            """, 1, 0));

    @Test
    void students_ofOneNetwork_beginAsTheirSeedsSay() {
        assertThat(state("second")).isNotEqualTo(state("first"));
        assertThat(state("as-first")).isEqualTo(state("first"));
    }

    private static byte[] state(String student) {
        try (Student created = PLAN.createStudent(student)) {
            StateWriter out = new StateWriter();
            created.model().write(out);
            return out.toBytes();
        }
    }
}
