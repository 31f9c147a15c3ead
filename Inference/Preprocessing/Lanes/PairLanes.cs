namespace Pipeline.Inference;

/// <summary>
/// A vector of pixel pairs with the colours apart. Each 32-bit lane holds the left pixel's grey level in its lower 16
/// bits and the right pixel's in its upper ones, so that <see cref="IWords{TSelf}.MultiplyAddPairs"/> weighs both at
/// once.
/// </summary>
/// <typeparam name="T">The vectors.</typeparam>
/// <param name="Blue">The blue pairs.</param>
/// <param name="Green">The green pairs.</param>
/// <param name="Red">The red pairs.</param>
internal readonly record struct PairLanes<T>(T Blue, T Green, T Red)
    where T : struct, IWords<T>;
