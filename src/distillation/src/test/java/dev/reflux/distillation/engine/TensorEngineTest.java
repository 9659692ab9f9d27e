package dev.reflux.distillation.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import dev.reflux.distillation.Examples;
import dev.reflux.distillation.network.MlpSpec;
import dev.reflux.distillation.network.NetworkProviders;
import dev.reflux.distillation.network.NetworkSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class TensorEngineTest {

    private static final OptimizerSpec ADAM = new OptimizerSpec.Adam(0.002, 0.9, 0.999, 1e-8, 1);
    private static final ModelSpec SPEC = new ModelSpec(MlpSpec.of(16, 8), ADAM, EngineChoice.TENSOR, 8);

    private static Model model(long seed) {
        return Model.create(SPEC, Fixtures.MIXED, Fixtures.CLASSES, seed);
    }

    /** Arrays that belong to no model. */
    static int systemArrays() {
        try (NDManager manager = TensorLibrary.newManager()) {
            return manager.getParentManager().getManagedArrays().size();
        }
    }

    @Test
    void twoThousandSteps_leaveNoArrayBehind() {
        Examples examples = Fixtures.mixed(800, 1);
        try (Model model = model(1)) {
            int parameters = model.liveArrays();
            assertThat(parameters).isEqualTo(6);
            Fixtures.train(model, examples, 8);
            int system = systemArrays();

            for (int i = 0; i < 20; i++) {
                Fixtures.train(model, examples, 8);
                Fixtures.predict(model, examples);
            }

            assertThat(model.liveArrays()).isEqualTo(parameters);
            assertThat(systemArrays()).isEqualTo(system);
        }
    }

    @Test
    void forwardWithoutLearning_holdsTheArraysOfOneStep() {
        Examples examples = Fixtures.mixed(16, 1);
        float[] logits = new float[16 * Fixtures.CLASSES];
        try (Model model = model(1)) {
            model.forward(examples, 0, 8, logits);
            int open = model.liveArrays();

            model.forward(examples, 8, 16, logits);

            assertThat(model.liveArrays()).isEqualTo(open).isGreaterThan(6);
        }
    }

    /** What is taught decides what is on its way: a parameter that is not has a gradient of zero. */
    @Test
    void learn_ofOutputsThatAParameterDoesNotReach_leavesItAsItIs() {
        Examples examples = Fixtures.mixed(24, 1);
        NetworkSpec network = NetworkProviders.create("gated", Map.of());
        for (OptimizerSpec optimizer : List.of(new OptimizerSpec.Sgd(0.1, 0, 0), ADAM)) {
            try (Model model = Model.create(
                    new ModelSpec(network, optimizer, EngineChoice.AUTO, 8), Fixtures.MIXED, Fixtures.CLASSES, 1)) {
                int aside = model.network().parameters().get(2).offset();
                float[] before = model.engine().parameters();
                int alive = model.liveArrays();

                Fixtures.train(model, examples, 8);

                float[] after = model.engine().parameters();
                for (int i = 0; i < after.length; i++) {
                    assertThat(after[i] == before[i])
                            .as("parameter %d stays", i)
                            .isEqualTo(i >= aside);
                }
                assertThat(model.liveArrays()).isEqualTo(alive);
            }
        }
    }

    @Test
    void auto_ofWhatIsNoPerceptron_isTensor_andFusedIsRefused() {
        NetworkSpec network = NetworkProviders.create("gated", Map.of());
        ModelSpec fused = new ModelSpec(network, ADAM, EngineChoice.FUSED, 1);
        assertThatThrownBy(() -> Model.create(fused, Fixtures.MIXED, Fixtures.CLASSES, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("FUSED found for 'gated")
                .hasMessageContaining("choose AUTO or TENSOR");
        try (Model model =
                Model.create(new ModelSpec(network, ADAM, EngineChoice.AUTO, 1), Fixtures.MIXED, Fixtures.CLASSES, 1)) {
            assertThat(model.engineKind()).isEqualTo(EngineChoice.TENSOR);
        }
    }

    @Test
    void twoThreads_trainAtOnce_withTheResultsOfOneAfterTheOther() throws Exception {
        Examples examples = Fixtures.mixed(1600, 1);
        List<String> alone = new ArrayList<>();
        for (int seed = 0; seed < 2; seed++) {
            try (Model model = model(seed)) {
                Fixtures.train(model, examples, 8);
                alone.add(model.sha256());
            }
        }
        CyclicBarrier start = new CyclicBarrier(2);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<String>> together = new ArrayList<>();
            for (int seed = 0; seed < 2; seed++) {
                long own = seed;
                Callable<String> task = () -> {
                    try (Model model = model(own)) {
                        start.await();
                        Fixtures.train(model, examples, 8);
                        return model.sha256();
                    }
                };
                together.add(threads.submit(task));
            }
            assertThat(together.get(0).get()).isEqualTo(alone.get(0));
            assertThat(together.get(1).get()).isEqualTo(alone.get(1));
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void newThread_predictsWithoutRecordingGradients_andLearnsAllTheSame() throws Exception {
        Examples examples = Fixtures.mixed(64, 1);
        try (Model model = model(1)) {
            String before = model.sha256();
            Thread thread = new Thread(() -> {
                TensorLibrary.recordGradients(false);
                Fixtures.train(model, examples, 8);
            });
            thread.start();
            thread.join();
            assertThat(model.sha256()).isNotEqualTo(before);
        }
    }
}
