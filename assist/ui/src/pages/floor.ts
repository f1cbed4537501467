import '../floor/floor-app.js';
