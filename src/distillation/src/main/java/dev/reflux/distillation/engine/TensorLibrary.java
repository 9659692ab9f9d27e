package dev.reflux.distillation.engine;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Loads PyTorch once per process: from the jars on the class path, without network access and without telemetry, with
 * one thread per call. Its own thread pool would make several busy models fight for the cores and be slower by far than
 * one thread each. The system properties below can be set to other values before the first model is built.
 */
public final class TensorLibrary {

    /** Bytes at whose multiples numbers start: matrix kernels choose their order of summation by alignment. */
    private static final int ALIGNMENT = 64;

    private static final String ENGINE = "PyTorch";

    static {
        setIfAbsent("ai.djl.offline", "true");
        setIfAbsent("ai.djl.pytorch.num_threads", "1");
        setIfAbsent("ai.djl.pytorch.num_interop_threads", "1");
    }

    /** OpenMP keeps the number of threads per calling thread: what the loading thread was given holds for it alone. */
    private static final ThreadLocal<Boolean> LIMITED = ThreadLocal.withInitial(() -> {
        JniUtils.setNumThreads(Integer.getInteger("ai.djl.pytorch.num_threads", 1));
        return true;
    });

    private TensorLibrary() {}

    private static void setIfAbsent(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /**
     * A manager of native memory, to be closed by the caller.
     *
     * @throws IllegalStateException when the native library does not load
     */
    public static NDManager newManager() {
        try {
            return NDManager.newBaseManager(Device.cpu(), ENGINE);
        } catch (RuntimeException | LinkageError e) {
            throw new IllegalStateException(
                    "the native PyTorch library did not load on " + System.getProperty("os.name") + " "
                            + System.getProperty("os.arch") + " (" + e + "); put the pytorch-native-cpu jar of this"
                            + " platform on the class path, or choose the engine FUSED, which needs none",
                    e);
        }
    }

    /** Zeroed native memory in native order, so aligned that the same numbers are always summed in the same order. */
    public static ByteBuffer allocate(int bytes) {
        ByteBuffer padded = ByteBuffer.allocateDirect(Math.addExact(bytes, 2 * ALIGNMENT));
        return padded.alignedSlice(ALIGNMENT).slice(0, bytes).order(ByteOrder.nativeOrder());
    }

    /** The least number of bytes, from this one on, at which the next numbers may start. */
    public static int aligned(int bytes) {
        return Math.addExact(bytes, ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** Sets whether operations of this thread record gradients; returns what was set before. */
    public static boolean recordGradients(boolean record) {
        LIMITED.get();
        boolean before = JniUtils.isGradMode();
        if (before != record) {
            JniUtils.setGradMode(record);
        }
        return before;
    }
}
