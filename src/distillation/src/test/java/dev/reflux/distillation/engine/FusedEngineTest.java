package dev.reflux.distillation.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.network.Activation;
import dev.reflux.distillation.network.MlpSpec;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FusedEngineTest {

    private static final OptimizerSpec ADAM = new OptimizerSpec.Adam(0.002, 0.9, 0.999, 1e-8, 1);

    @ParameterizedTest
    @ValueSource(ints = {1, 8})
    void steps_allocateNothingAfterWarmUp(int rows) {
        MlpSpec network = new MlpSpec(List.of(16, 16), Activation.GELU, true, true, 0);
        Examples examples = Fixtures.mixed(800, 1);
        Outputs outputs = new Outputs(800, Fixtures.CLASSES, List.of());
        Outputs gradient = new Outputs(800, Fixtures.CLASSES, List.of());
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        try (Model model = Model.create(
                new ModelSpec(network, ADAM, EngineChoice.FUSED, rows), Fixtures.MIXED, Fixtures.CLASSES, 1)) {
            long allocated = 0;
            for (int pass = 0; pass < 6; pass++) {
                long before = threads.getThreadAllocatedBytes(thread);
                for (int from = 0; from < 800; from += rows) {
                    model.observe(examples, from, from + rows);
                    model.predict(examples, from, from + rows, outputs);
                    model.forward(examples, from, from + rows, outputs);
                    Fixtures.crossEntropy(examples, from, from + rows, outputs.logits(), gradient.logits());
                    model.learn(gradient, 1);
                }
                allocated = threads.getThreadAllocatedBytes(thread) - before;
            }
            // Of the last pass over 800 events; a single small object per step would be at least 1,600 bytes.
            assertThat(allocated).isLessThan(1000);
        }
    }
}
