package dev.reflux.service.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflux.jobs.pipeline.options.InvalidOptionsException;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;

final class VariantsFileTest {
    @Test
    void read_namesAndSettings_inTheirOrder() {
        assertThat(VariantsFile.read("v.yaml", """
                        variants:
                          - name: as it is
                          - name: soft, T 4
                            set:
                              - "distillation.losses={label: 0.5, kd: {weight: 0.5, temperature: 4}}"
                              - feedback.policy=none
                        """).variants())
                .containsExactly(
                        new Variant("as it is", java.util.List.of()),
                        new Variant(
                                "soft, T 4",
                                java.util.List.of(
                                        "distillation.losses={label: 0.5, kd: {weight: 0.5, temperature: 4}}",
                                        "feedback.policy=none")));
    }

    @Test
    void read_anUnknownKey_namesTheNearest() {
        assertThatRefused("variants: [ { name: a, sets: [seed=1] } ]")
                .hasMessageContaining("v.yaml:1: variants[0].sets")
                .hasMessageContaining("did you mean set?");
    }

    @Test
    void read_noVariant_isRefused() {
        assertThatRefused("").hasMessageContaining("variants: missing");
        assertThatRefused("variants: []").hasMessageContaining("0 given");
        assertThatRefused("variants: [ { set: [seed=1] } ]").hasMessageContaining("variants[0].name: missing");
    }

    @Test
    void read_aNameTwice_isRefused() {
        assertThatRefused("variants: [ { name: a }, { name: a } ]").hasMessageContaining("'a' is named twice");
    }

    @Test
    void read_theControlsName_isRefused() {
        assertThatRefused("variants: [ { name: alone } ]").hasMessageContaining("'alone' found");
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertThatRefused(String yaml) {
        return assertThatThrownBy(() -> VariantsFile.read("v.yaml", yaml)).isInstanceOf(InvalidOptionsException.class);
    }
}
