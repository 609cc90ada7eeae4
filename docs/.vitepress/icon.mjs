const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<path d="M16 30C4 22 3 10 16 2c13 8 12 20 0 28Z" fill="#1a7f37"/>
<path d="M16 30V12M16 20l6-5M16 25l-6-6" stroke="#fff" stroke-width="2" fill="none" stroke-linecap="round"/>
</svg>`;

export const icon = `data:image/svg+xml,${encodeURIComponent(drawing)}`;
